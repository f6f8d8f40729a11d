import {
  type BlobHash,
  clientMessageSchema,
  encodeFrame,
  initialParameters,
  parseManifest,
  plainSha256,
  type TaskManifestInput,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { explainFaultsIn, faultsOf, parsedText } from '../src/dashboard/new-run/checked-manifest.ts';
import { adaptAddress, cloneAddress, roundAddress, viewOf } from '../src/dashboard/view.ts';
import { bytes, duration } from '../src/messages/figures.ts';
import { ticketFromText } from '../src/participant-page/admission-ticket.ts';
import { preferredBackend } from '../src/participant-page/backend-preference.ts';
import { privacyStatements } from '../src/participant-page/privacy-statements.ts';
import { SECURE_PICTURES, TINY_PICTURES } from './tiny-pictures.ts';

describe('what the page says about privacy', () => {
  it('says that the coordinator sees each update, when nothing hides it', () => {
    expect(privacyStatements(parseManifest(TINY_PICTURES)).updatesAreVisible).toBe(true);
  });

  it('names every field of every message that a page sends', () => {
    const said = privacyStatements(parseManifest(TINY_PICTURES)).leaves.join('; ');
    const saidOfSums = privacyStatements(parseManifest(SECURE_PICTURES)).leaves.join('; ');
    const spoken: Record<string, RegExp> = {
      ticket: /ticket/,
      publicKey: /public key/,
      signature: /signature/,
      backend: /backend/,
      exampleCount: /how many examples you train on/,
      'evaluated.exampleCount': /hold out, and how many/,
      accuracy: /accuracy/,
      loss: /loss/,
      fraction: /progress/,
      examplesPerSecond: /speed/,
      reason: /why/,
    };
    const spokenOfSums: Record<string, RegExp> = {
      'checkIn.exampleCount': /at least 2 examples/,
      'keysOffered.bytes': /public keys for each sum/,
      'sharesSealed.bytes': /encrypted pieces of their secrets/,
      'sharesRevealed.bytes': /so that the sum can be opened/,
      'survivorsConfirmed.signature': /signatures/,
    };
    const onlyInSums = ['keysOffered', 'sharesSealed', 'masked', 'survivorsConfirmed', 'sharesRevealed'];
    // What the coordinator told the page, or is a property of the update itself.
    const nothingNew = ['type', 'protocol', 'roundNumber', 'modelHash', 'updateHash', 'updateBytes'];
    for (const message of clientMessageSchema.def.options) {
      const type = message.shape.type.def.values[0];
      for (const field of Object.keys(message.shape)) {
        if (nothingNew.includes(field)) continue;
        const path = `${type}.${field}`;
        const ofSums = spokenOfSums[path];
        if (ofSums) expect(saidOfSums, path).toMatch(ofSums);
        if (onlyInSums.includes(`${type}`)) expect(ofSums, path).toBeDefined();
        else expect(said, path).toMatch(spoken[path] ?? spoken[field] ?? 'unspoken');
      }
    }
  });

  it('says what is hidden only where it is hidden, and the limits of that beside it', () => {
    const clear = privacyStatements(parseManifest(TINY_PICTURES));
    const sums = privacyStatements(parseManifest(SECURE_PICTURES));
    expect(sums.updatesAreVisible).toBe(false);
    expect(sums.leaves.join(' ')).not.toMatch(/how many examples you train on|speed|accuracy and loss/);
    expect(sums.leaves.join(' ')).toMatch(/masked update/);
    expect(clear.leaves.join(' ')).not.toMatch(/masked/);
    expect(sums.warning.join(' ')).not.toMatch(/not hidden|uses no secure aggregation/);
    for (const limit of [
      /who took part and when/,
      /sum still tells something/,
      /could serve you another one/,
    ])
      expect(sums.warning.join(' ')).toMatch(limit);
  });

  it('states the size that an update really has', () => {
    const manifest = parseManifest(TINY_PICTURES);
    const frame = encodeFrame(initialParameters(manifest.model, 's'), plainSha256);
    expect(privacyStatements(manifest).leaves[0]).toContain(bytes(frame.length));
    // 2 classes x 4 pixels and 2 biases, 16 bits and as many as 13 participants need on top; five counts of 32 bits.
    const packed = 16 + Math.ceil((10 * 20) / 8) + 4 * 5;
    expect(privacyStatements(parseManifest(SECURE_PICTURES)).leaves[0]).toContain(bytes(packed));
  });

  it('says what of an update is lost, and that what is kept of it stays here', () => {
    const saidOf = (compression: TaskManifestInput['compression']) =>
      privacyStatements(parseManifest({ ...TINY_PICTURES, compression })).warning.join(' ');
    expect(saidOf({ codec: 'float32' })).not.toMatch(/rounded|part of your update|approximation|was lost/);
    const sampling = { kind: 'random-k', fraction: 0.5 } as const;
    expect(saidOf({ codec: 'tuned', rotation: 'blocks', sampling })).toMatch(/Only a part .* rounded/);
    expect(saidOf({ codec: 'tuned', rotation: 'blocks', sampling })).not.toMatch(/was lost/);
    expect(saidOf({ codec: 'eden', feedback: { mode: 'on' } })).toMatch(
      /approximation.*What was lost is kept/,
    );
  });

  it('speaks of a bound only when the run has one', () => {
    expect(privacyStatements(parseManifest(TINY_PICTURES)).warning.join(' ')).toMatch(/not limited/);
    const clipped = parseManifest({ ...TINY_PICTURES, privacy: { mode: 'none', clippingNorm: 2.5 } });
    expect(privacyStatements(clipped).warning.join(' ')).toMatch(/at most 2\.5/);
  });
});

describe('a manifest in the form', () => {
  explainFaultsIn('en');

  it('is valid as the coordinator would find it', () => {
    expect(faultsOf(TINY_PICTURES)).toEqual([]);
  });

  it('names each faulty field', () => {
    const faulty = { ...TINY_PICTURES, rounds: { ...TINY_PICTURES.rounds, reportGoal: 'two' }, nonsense: 1 };
    expect(faultsOf(faulty).map(({ path }) => path)).toEqual(['rounds.reportGoal', 'manifest']);
  });

  it('names parts that contradict each other', () => {
    const contradicting = { ...TINY_PICTURES, rounds: { ...TINY_PICTURES.rounds, minimumSurvivors: 9 } };
    expect(faultsOf(contradicting).map(({ path }) => path)).toEqual(['rounds.minimumSurvivors']);
  });

  it('that is not JSON says what the parser stumbled over', () => {
    expect(parsedText('{ "name": }')).toEqual({ notJson: expect.stringMatching(/Unexpected token/) });
  });
});

describe('addresses', () => {
  it('give up their ticket from a whole link, a fragment or the bare ticket', () => {
    const ticket = 'eyJhbGciOiJIUzI1NiJ9.eyJydW4iOiJyIn0.c2ln-_bmF0';
    expect(ticketFromText(`https://x.example/join#ticket=${ticket}`)).toBe(ticket);
    expect(ticketFromText(`https://x.example/join?backend=wasm#a=1&ticket=${ticket}`)).toBe(ticket);
    expect(ticketFromText(` ${ticket} `)).toBe(ticket);
    expect(ticketFromText('https://x.example/join')).toBeNull();
    expect(ticketFromText('hello')).toBeNull();
  });

  it('name a view, or the list of runs', () => {
    expect(viewOf('#run=run-3f9ac2d1')).toEqual({
      page: 'run',
      runId: 'run-3f9ac2d1',
      show: 'overview',
      round: null,
    });
    expect(viewOf(roundAddress('run-1', 12).replace('/admin', ''))).toMatchObject({
      show: 'rounds',
      round: 12,
    });
    expect(viewOf('#run=run-3f9ac2d1&show=rounds')).toMatchObject({ show: 'rounds' });
    expect(viewOf('#run=run-3f9ac2d1&show=nonsense')).toMatchObject({ show: 'overview' });
    expect(viewOf('#new')).toEqual({ page: 'new', from: null });
    expect(viewOf('#people')).toEqual({ page: 'people' });
    expect(viewOf('#anything')).toEqual({ page: 'runs' });
    expect(viewOf(cloneAddress('run-1').replace('/admin', ''))).toEqual({
      page: 'new',
      from: { runId: 'run-1', baseModel: null },
    });
    const baseModel = 'ab'.repeat(32) as BlobHash;
    expect(viewOf(adaptAddress('run-1', baseModel).replace('/admin', ''))).toEqual({
      page: 'new',
      from: { runId: 'run-1', baseModel },
    });
    expect(viewOf('#new=&from=run-1&base=nonsense')).toEqual({
      page: 'new',
      from: { runId: 'run-1', baseModel: null },
    });
  });

  it('may ask for a backend that exists', () => {
    expect(preferredBackend('?backend=wasm')).toBe('wasm');
    expect(preferredBackend('?backend=quantum')).toBeNull();
  });
});

describe('figures', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [203_592, '203.6 kB'],
    [999_960, '1 MB'],
    [2_000_000_000, '2 GB'],
  ])('%i bytes are %s', (size, said) => {
    expect(bytes(size).replace('\u00a0', ' ')).toBe(said);
  });

  it.each([
    [-3, '0 s'],
    [89, '89 s'],
    [300, '5 min'],
    [7200, '2 h'],
  ])('%i seconds are %s', (seconds, said) => {
    expect(duration(seconds).replace('\u00a0', ' ')).toBe(said);
  });
});
