/** Behaviours of the runner, over real sockets and real HTTP on an ephemeral port. */
import {
  blobHashOf,
  decodeFrame,
  parameterShapes,
  parseManifest,
  plainSha256,
  TributaryError,
} from '@tributary/fl-core';
import { l2Norm } from '@tributary/privacy';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createMemoryStorage,
  createMemoryVault,
  createParticipant,
  createPlainDeviceKey,
  fetchJoinInfo,
  type HeldOutEvaluation,
  type LedgerEntry,
  type Participant,
  type ParticipantFault,
  type ParticipantOptions,
  type ParticipantView,
  privateDataOf,
} from '../src/index.ts';
import { createLedger } from '../src/ledger/ledger.ts';
import { openCountingProxy } from './counting-proxy.ts';
import { createMeasuredTrainer } from './measured-trainer.ts';
import { CLIENT_ID, openSmallCoordinator, RUN_ID, TASK, TICKET } from './small-coordinator.ts';

const manifest = parseManifest(TASK);
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function aCoordinator(...settings: Parameters<typeof openSmallCoordinator>) {
  const coordinator = await openSmallCoordinator(...settings);
  endings.push(() => coordinator.close());
  return coordinator;
}

async function aProxy(targetPort: number) {
  const proxy = await openCountingProxy(targetPort);
  endings.push(() => proxy.close());
  return proxy;
}

/** Forty rows: enough for both parts of the split. */
async function someExamples(count = 40) {
  const vault = createMemoryVault('device');
  const inputs = Uint8Array.from({ length: 4 * count }, (_, i) => (i * 37) % 256);
  await vault.create(
    { name: 'some', schema: manifest.data, source: { kind: 'generated' }, encrypted: false },
    { inputs, rowSize: 4, labels: Array.from({ length: count }, (_, row) => row % 2) },
  );
  return privateDataOf(vault, { runId: RUN_ID, data: manifest.data });
}

async function aParticipant(
  options: Pick<ParticipantOptions, 'coordinatorUrl'> & Partial<ParticipantOptions>,
) {
  const participant = createParticipant({
    runId: RUN_ID,
    ticket: TICKET,
    trainer: createMeasuredTrainer(),
    data: await someExamples(),
    storage: createMemoryStorage(),
    ...options,
  });
  endings.push(() => participant.dispose());
  return participant;
}

function watch(participant: Participant) {
  const seen = {
    phases: [] as string[],
    faults: [] as ParticipantFault[],
    evaluations: [] as HeldOutEvaluation[],
    entries: [] as LedgerEntry[],
    everything: [] as unknown[],
  };
  participant.on('state', ({ participation }) => {
    const { phase } = participation.activity;
    if (seen.phases.at(-1) !== phase) seen.phases.push(phase);
  });
  participant.on('error', (fault) => seen.faults.push(fault));
  participant.on('evaluation', (evaluation) => seen.evaluations.push(evaluation));
  participant.on('ledger', (entry) => seen.entries.push(entry));
  for (const name of ['state', 'progress', 'ledger', 'evaluation', 'error'] as const) {
    participant.on(name, (event) => seen.everything.push(structuredClone(event)));
  }
  return seen;
}

function reached(participant: Participant, phase: string): Promise<ParticipantView> {
  return new Promise((resolve) => {
    const check = (view: ParticipantView) => {
      if (view.participation.activity.phase !== phase) return;
      stop();
      resolve(view);
    };
    const stop = participant.on('state', check);
    check(participant.view);
  });
}

const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('before a run', () => {
  it('tells what the run is, for the ticket and nothing else', async () => {
    const coordinator = await aCoordinator();
    const storage = createMemoryStorage();
    const info = await fetchJoinInfo({ coordinatorUrl: coordinator.url, ticket: TICKET, storage });
    expect(info).toMatchObject({ runId: RUN_ID, manifest: { name: 'two colours' } });
    expect(await storage.readLedger()).toMatchObject([{ kind: 'request', bytes: 0, runId: null }]);
    expect(coordinator.received).toEqual([]);
  });

  it('passes on why a ticket is not good, and says when nobody is there', async () => {
    const coordinator = await aCoordinator();
    const storage = createMemoryStorage();
    const ask = (coordinatorUrl: string) => fetchJoinInfo({ coordinatorUrl, ticket: 'another', storage });
    await expect(ask(coordinator.url)).rejects.toMatchObject({ code: 'ticket-invalid' });
    await expect(ask('http://127.0.0.1:1')).rejects.toThrow('the coordinator cannot be reached');
  });
});

describe('a round', () => {
  it('[L-3] goes from check-in to a committed model, and uploads exactly what was announced', async () => {
    const coordinator = await aCoordinator();
    const trainer = createMeasuredTrainer();
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, trainer });
    const seen = watch(participant);
    await participant.start();
    const { participation } = await reached(participant, 'ended');

    expect(seen.phases).toEqual([
      ...[
        'checkingIn',
        'waiting',
        'downloading',
        'training',
        'ready',
        'uploading',
        'reported',
        'waiting',
        'ended',
      ],
    ]);
    expect(participation.contributions).toBe(1);
    expect(seen.faults).toEqual([]);

    const [upload] = coordinator.uploads;
    const ready = coordinator.received.find((message) => message.type === 'ready');
    expect(ready).toMatchObject({ updateHash: blobHashOf(upload!), updateBytes: upload!.length });
    expect(await participant.sentPayload(blobHashOf(upload!))).toEqual(new Uint8Array(upload!));
  });

  it('[P-11] trains with the seed of run, client and round, and announces trained minus initial', async () => {
    const coordinator = await aCoordinator();
    const trainer = createMeasuredTrainer();
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, trainer });
    await participant.start();
    await reached(participant, 'ended');

    const [request] = trainer.requests;
    expect(request).toMatchObject({ seed: `seed/${CLIENT_ID}/1`, initial: coordinator.initial });
    const retrained = await createMeasuredTrainer().train(request!);
    const delta = decodeFrame(coordinator.uploads[0]!, { sha256: plainSha256 });
    expect(delta.shapes).toEqual(parameterShapes(manifest.model));
    const expected = retrained.parameters.values.map((value, i) => value - coordinator.initial.values[i]!);
    expect(delta.values).toEqual(expected);
  });

  it('measures on own held-out examples before and after; only the shared model is reported', async () => {
    const coordinator = await aCoordinator();
    const participant = await aParticipant({ coordinatorUrl: coordinator.url });
    const seen = watch(participant);
    await participant.start();
    await until(() => seen.evaluations.length === 3);
    expect(seen.evaluations.map(({ moment }) => moment)).toEqual(['before', 'after', 'final']);
    const { modelHash } = coordinator;
    const heldOut = await (await someExamples()).heldOutExamples();
    expect(coordinator.received.filter(({ type }) => type === 'evaluated')).toEqual([
      {
        type: 'evaluated',
        roundNumber: 1,
        modelHash,
        exampleCount: heldOut!.count,
        accuracy: 0.75,
        loss: 0.5,
      },
    ]);
  });

  it('[P-11] clips the delta to the clipping norm of the task', async () => {
    const clippingNorm = 0.01;
    const coordinator = await aCoordinator({ task: { privacy: { mode: 'none', clippingNorm } } });
    const participant = await aParticipant({ coordinatorUrl: coordinator.url });
    await participant.start();
    await reached(participant, 'ended');
    const { values } = decodeFrame(coordinator.uploads[0]!, { sha256: plainSha256 });
    expect(l2Norm(values)).toBeLessThanOrEqual(clippingNorm);
    expect(l2Norm(values)).toBeGreaterThan(0.99 * clippingNorm);
  });

  it.each([
    ['values beyond the bound', 1e6, 'update-out-of-range'],
    ['values that are not numbers', Number.NaN, 'update-not-finite'],
  ])('uploads nothing when the delta has %s', async (_what, stepSize, code) => {
    const coordinator = await aCoordinator();
    const trainer = createMeasuredTrainer({ stepSize });
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, trainer });
    const seen = watch(participant);
    await participant.start();
    await until(() => coordinator.received.some(({ type }) => type === 'withdraw'));
    expect(seen.faults.map((fault) => fault.code)).toEqual([code]);
    expect(coordinator.uploads).toEqual([]);
  });

  it('does not start without examples', async () => {
    const coordinator = await aCoordinator();
    const data = privateDataOf(createMemoryVault('device'), { runId: RUN_ID, data: manifest.data });
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, data });
    await expect(participant.start()).rejects.toMatchObject({ code: 'data-missing' });
  });
});

const UPLOADING: ReadonlySet<string> = new Set(['update', 'upload-question', 'rest-of-update']);

describe('faults', () => {
  it('goes on after the connection broke in training, without training again', async () => {
    const coordinator = await aCoordinator();
    const proxy = await aProxy(coordinator.port);
    const trainer = createMeasuredTrainer({ epochMs: 100 });
    const participant = await aParticipant({ coordinatorUrl: proxy.url, trainer });
    await participant.start();
    await until(() => trainer.epochsComputed === 1);
    proxy.cut();
    await reached(participant, 'ended');
    expect(coordinator.received.filter(({ type }) => type === 'checkIn')).toHaveLength(2);
    expect(trainer.epochsComputed).toBe(4);
    expect(coordinator.uploads).toHaveLength(1);
  });

  it('comes back when the coordinator ended the connection', async () => {
    const coordinator = await aCoordinator();
    const trainer = createMeasuredTrainer({ epochMs: 100 });
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, trainer });
    await participant.start();
    await until(() => trainer.epochsComputed === 1);
    coordinator.hangUp();
    await reached(participant, 'ended');
    expect(coordinator.received.filter(({ type }) => type === 'checkIn')).toHaveLength(2);
    expect(trainer.epochsComputed).toBe(4);
  });

  it('goes on from the checkpoint after a reload in training, to the same bits', async () => {
    const coordinator = await aCoordinator();
    const storage = createMemoryStorage();
    const first = createMeasuredTrainer({ epochMs: 100 });
    const before = await aParticipant({ coordinatorUrl: coordinator.url, storage, trainer: first });
    await before.start();
    await until(() => first.epochsComputed === 2);
    await before.dispose();

    const second = createMeasuredTrainer();
    const after = await aParticipant({ coordinatorUrl: coordinator.url, storage, trainer: second });
    await after.start();
    await reached(after, 'ended');
    expect(second.epochsComputed).toBe(2);
    expect(coordinator.downloads.count).toBe(1);
    const keys = coordinator.received.flatMap((message) =>
      message.type === 'checkIn' ? [message.publicKey] : [],
    );
    expect(new Set(keys).size).toBe(1);

    const undisturbed = await createMeasuredTrainer().train(first.requests[0]!);
    const expected = undisturbed.parameters.values.map((value, i) => value - coordinator.initial.values[i]!);
    expect(decodeFrame(coordinator.uploads[0]!, { sha256: plainSha256 }).values).toEqual(expected);
  });

  it('says in plain words that the model could not be downloaded, and tries again', async () => {
    const coordinator = await aCoordinator();
    let attempts = 0;
    const participant = await aParticipant({
      coordinatorUrl: coordinator.url,
      fetch: (...request) => {
        attempts += 1;
        return attempts === 1 ? Promise.reject(new TypeError('Failed to fetch')) : fetch(...request);
      },
    });
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'ended');
    expect(seen.faults).toEqual([{ code: 'internal', message: 'the coordinator cannot be reached' }]);
    expect(coordinator.downloads.count).toBe(1);
  });

  it('opens another trainer for the next round when the worker of the first died', async () => {
    const coordinator = await aCoordinator();
    const died = async () => {
      throw new TributaryError('backend-unavailable', 'the training worker ended: out of memory');
    };
    const trainers = [{ ...createMeasuredTrainer(), train: died }, createMeasuredTrainer()];
    const participant = await aParticipant({
      coordinatorUrl: coordinator.url,
      trainer: async () => trainers.shift()!,
    });
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'ended');
    expect(seen.faults.map(({ code }) => code)).toEqual(['backend-unavailable']);
    expect(coordinator.uploads).toHaveLength(1);
    expect(trainers).toEqual([]);
  });

  it.each(['unavailable', 'cut'] as const)('uploads the same bytes again after: %s', async (fault) => {
    const coordinator = await aCoordinator();
    coordinator.faults = [fault];
    const participant = await aParticipant({ coordinatorUrl: coordinator.url });
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'ended');
    const uploads = seen.entries.filter(({ kind }) => kind === 'upload');
    expect(uploads).toHaveLength(2);
    expect(uploads[0]!.sha256).toBe(uploads[1]!.sha256);
    expect(blobHashOf(coordinator.uploads[0]!)).toBe(uploads[0]!.sha256);
    expect(seen.faults).toHaveLength(1);
  });

  it('[U-1] [L-2] after a broken connection asks what arrived, and hands over only the rest', async () => {
    const coordinator = await aCoordinator();
    coordinator.faults = ['halfway'];
    const proxy = await aProxy(coordinator.port);
    const participant = await aParticipant({ coordinatorUrl: proxy.url });
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'ended');
    const [whole, question, rest] = seen.entries.filter(({ subject }) => UPLOADING.has(subject));
    expect([whole, question, rest].map((entry) => entry?.subject)).toEqual([
      'update',
      'upload-question',
      'rest-of-update',
    ]);
    const update = coordinator.uploads[0]!;
    expect(whole).toMatchObject({ bytes: update.length, sha256: blobHashOf(update) });
    expect(question).toMatchObject({ kind: 'request', bytes: 0 });
    const missing = update.subarray(Math.floor(update.length / 2));
    expect(rest).toMatchObject({ kind: 'upload', bytes: missing.length, sha256: blobHashOf(missing) });
    expect(proxy.payloads().map((payload) => blobHashOf(payload))).toContain(rest!.sha256);
    const left = proxy.payloads().reduce((sum, { length }) => sum + length, 0);
    expect(seen.entries.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(left);
    expect(coordinator.questions.count).toBe(1);
    expect(seen.faults).toHaveLength(1);
  });

  it('[U-1] an upload that was not begun before is not asked about', async () => {
    const coordinator = await aCoordinator();
    const participant = await aParticipant({ coordinatorUrl: coordinator.url });
    await participant.start();
    await reached(participant, 'ended');
    expect(coordinator.uploads).toHaveLength(1);
    expect(coordinator.questions.count).toBe(0);
  });

  it('[P-7] says so when the update is gone before its upload, and stays in the run', async () => {
    const coordinator = await aCoordinator();
    const storage = { ...createMemoryStorage(), loadUpdate: async () => null };
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, storage });
    const seen = watch(participant);
    await participant.start();
    await until(() => coordinator.received.some(({ type }) => type === 'withdraw'));
    expect(coordinator.received.at(-1)).toEqual({ type: 'withdraw', roundNumber: 1, reason: 'update-lost' });
    expect(seen.faults).toMatchObject([{ code: 'blob-missing' }]);
    expect(participant.view.participation).toMatchObject({ connected: true, activity: { phase: 'waiting' } });
    expect(coordinator.uploads).toEqual([]);
  });

  it('does not upload again what the coordinator refused', async () => {
    const coordinator = await aCoordinator();
    coordinator.faults = ['refused'];
    const participant = await aParticipant({ coordinatorUrl: coordinator.url });
    const seen = watch(participant);
    await participant.start();
    await until(() => participant.view.participation.activity.phase === 'waiting' && seen.faults.length > 0);
    expect(seen.faults).toEqual([{ code: 'update-out-of-range', message: 'too far' }]);
    expect(participant.view.participation.activity).toMatchObject({ reason: 'update-refused' });
  });

  it('[W-4] ignores what it does not understand, and says so', async () => {
    const coordinator = await aCoordinator();
    const participant = await aParticipant({
      coordinatorUrl: coordinator.url,
      trainer: createMeasuredTrainer({ epochMs: 30 }),
    });
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'training');
    const strange = [
      null,
      'x',
      { type: 'runEnded' },
      { type: 'released', roundNumber: 1, reason: 'x', comeBackSeconds: 1 },
    ];
    for (const message of strange) coordinator.say(message);
    await reached(participant, 'ended');
    expect(seen.faults.map(({ code }) => code)).toEqual(strange.map(() => 'message-malformed'));
    expect(coordinator.uploads).toHaveLength(1);
  });
});

describe('stopping', () => {
  it('stops training within a second of an abort, and sends nothing more', async () => {
    const coordinator = await aCoordinator();
    const controller = new AbortController();
    const trainer = createMeasuredTrainer({ epochMs: 200 });
    const participant = await aParticipant({
      coordinatorUrl: coordinator.url,
      trainer,
      signal: controller.signal,
    });
    await participant.start();
    await until(() => trainer.epochsComputed === 1);
    const sentBefore = (await participant.ledger()).length;
    const abortedAt = Date.now();
    controller.abort();
    await until(() => trainer.stoppedAt !== null);
    expect(trainer.stoppedAt! - abortedAt).toBeLessThan(1000);
    await participant.dispose();
    expect(await participant.ledger()).toHaveLength(sentBefore);
    await expect(participant.start()).rejects.toThrow();
  });

  it('says goodbye on leaving, and comes back on start', async () => {
    const coordinator = await aCoordinator();
    const trainer = createMeasuredTrainer({ epochMs: 100 });
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, trainer });
    await participant.start();
    await until(() => trainer.epochsComputed === 1);
    await participant.leave();
    await until(() => coordinator.received.some(({ type }) => type === 'leave'));
    await until(() => trainer.stoppedAt !== null);
    expect(participant.view.participation.activity).toEqual({ phase: 'left', reason: 'stopped-by-person' });
    await participant.start();
    await reached(participant, 'ended');
    expect(coordinator.uploads).toHaveLength(1);
  });

  it.each(['leave', 'pause'] as const)(
    'does not start any more after a %s that came while it still looked for examples',
    async (how) => {
      const coordinator = await aCoordinator();
      const data = await someExamples();
      let answer: (count: number) => void = () => {};
      const slow = { ...data, exampleCount: () => new Promise<number>((resolve) => (answer = resolve)) };
      const participant = await aParticipant({ coordinatorUrl: coordinator.url, data: slow });
      const seen = watch(participant);
      const started = participant.start();
      await participant[how]();
      answer(40);
      await started;
      expect(participant.view.participation.activity.phase).toBe('idle');
      expect(participant.view.pace).not.toBe('pausing');
      expect(seen.phases).not.toContain('checkingIn');
    },
  );

  it('finishes its round before a polite pause, and takes no other until resumed', async () => {
    const coordinator = await aCoordinator({ rounds: 2 });
    const trainer = createMeasuredTrainer({ epochMs: 20 });
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, trainer });
    await participant.start();
    await reached(participant, 'training');
    await participant.pause();
    expect(participant.view.pace).toBe('pausing');
    await reached(participant, 'left');
    expect(participant.view).toMatchObject({ pace: 'paused', participation: { contributions: 1 } });
    await participant.resume();
    await reached(participant, 'ended');
    expect(participant.view).toMatchObject({ pace: 'running', participation: { contributions: 2 } });
  });
});

describe('the ledger', () => {
  it('[L-3] keeps the exact bytes of every message, under the hash that it lists', async () => {
    const coordinator = await aCoordinator();
    const proxy = await aProxy(coordinator.port);
    const participant = await aParticipant({ coordinatorUrl: proxy.url });
    await participant.start();
    await reached(participant, 'ended');
    await participant.dispose();
    const sent = (await participant.ledger()).filter(({ bytes }) => bytes > 0);
    const kept = await Promise.all(sent.map(({ sha256 }) => participant.sentPayload(sha256)));
    expect(kept.map((payload) => blobHashOf(payload!))).toEqual(sent.map(({ sha256 }) => sha256));
    const texts = (payloads: (Uint8Array | null)[]) =>
      payloads.map((payload) => Buffer.from(payload!).toString('latin1')).sort();
    expect(texts(kept)).toEqual(texts(proxy.payloads()));
  });

  it('[L-5] lets nothing leave that it cannot write down: neither a message nor an update', async () => {
    for (const unwritable of ['announcement', 'update'] as const) {
      const coordinator = await aCoordinator();
      const proxy = await aProxy(coordinator.port);
      const memory = createMemoryStorage();
      const full = () => Promise.reject(new TributaryError('storage-full', 'no room'));
      let isFull = false;
      const storage: typeof memory = {
        ...memory,
        appendToLedger(entry, payload) {
          isFull ||= entry.subject === unwritable;
          return isFull ? full() : memory.appendToLedger(entry, payload);
        },
      };
      const participant = await aParticipant({ coordinatorUrl: proxy.url, storage });
      const seen = watch(participant);
      await participant.start();
      await reached(participant, 'left');
      expect(seen.faults).toContainEqual(expect.objectContaining({ code: 'ledger-unwritable' }));
      await participant.dispose();
      expect(coordinator.uploads).toHaveLength(0);
      const written = await memory.readLedger();
      const sizes = (items: { length: number }[]) => items.reduce((sum, { length }) => sum + length, 0);
      expect(written.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(sizes(proxy.payloads()));
    }
  });

  it('rather forgets what it sent earlier than to stop, and sums up the keep-alives of an hour', async () => {
    const storage = createMemoryStorage();
    const seen: LedgerEntry[] = [];
    let now = 0;
    let room = 2;
    const ledger = createLedger({
      runId: RUN_ID,
      storage: {
        ...storage,
        async appendToLedger(entry, payload) {
          if (payload && room === 0) throw new TributaryError('storage-full', 'no room');
          room -= payload ? 1 : 0;
          return storage.appendToLedger(entry, payload);
        },
      },
      clock: { now: () => now, after: () => () => {} },
      sha256: plainSha256,
      onEntry: (entry) => seen.push(entry),
    });
    const pong = {
      kind: 'protocol',
      subject: 'keep-alive',
      payload: Uint8Array.of(51),
      roundNumber: null,
    } as const;
    for (; now < 4000_000; now += 25_000) await ledger.record(pong);
    const summed = await storage.readLedger();
    expect(summed.map(({ times, bytes }) => [times, bytes])).toEqual([
      [144, 144],
      [16, 16],
    ]);
    expect(seen).toHaveLength(160);
    expect(seen.at(-1)).toEqual(summed[1]);
    const message = {
      kind: 'message',
      subject: 'goodbye',
      payload: Uint8Array.of(1, 2),
      roundNumber: null,
    } as const;
    await ledger.record(message);
    expect(await storage.readLedger()).toHaveLength(3);
    expect(await storage.sentPayload(summed[0]!.sha256)).toBeNull();
  });

  it('[L-1] [L-2] has byte for byte what an independent proxy sees leaving, protocol frames included', async () => {
    const coordinator = await aCoordinator({ rounds: 2 });
    const proxy = await aProxy(coordinator.port);
    const participant = await aParticipant({ coordinatorUrl: proxy.url });
    await participant.start();
    await reached(participant, 'ended');
    await participant.dispose();

    const ledger = await participant.ledger();
    const payloads = proxy.payloads();
    const sizes = (items: { length: number }[]) => items.reduce((sum, { length }) => sum + length, 0);
    expect(ledger.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(sizes(payloads));
    const counted = ledger.filter(({ bytes }) => bytes > 0);
    expect(counted.map(({ sha256 }) => sha256).sort()).toEqual(
      payloads.map((payload) => blobHashOf(payload)).sort(),
    );
    expect(counted.filter(({ kind }) => kind === 'upload').map(({ bytes }) => bytes)).toEqual(
      coordinator.uploads.map(({ length }) => length),
    );
    expect(ledger.filter(({ kind }) => kind === 'request').every(({ bytes }) => bytes === 0)).toBe(true);
  });

  it('[L-1] and no event hold the device key, a signature or the ticket', async () => {
    const coordinator = await aCoordinator();
    const secret = new Uint8Array(32).fill(0xab);
    const storage = { ...createMemoryStorage(), deviceKey: () => createPlainDeviceKey(secret) };
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, storage });
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'ended');
    const checkIn = coordinator.received.find((message) => message.type === 'checkIn');
    const { signature } = checkIn as { signature: string };
    expect(signature).toMatch(/^[0-9a-f]{128}$/);
    const told = JSON.stringify([await participant.ledger(), seen.everything]);
    expect(told).not.toContain('ab'.repeat(32));
    expect(told).not.toContain('171,171,171');
    expect(told).not.toContain(signature);
    expect(told).not.toContain(TICKET);
  });
});
