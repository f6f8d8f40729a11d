/** Consent: what is signed, who can check it, and when it must be asked for again. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { hexToBytes, parseManifest, type RunId, type TaskManifestInput } from '@tributary/fl-core';
import { createMemoryStorage, openDeviceIdentity } from '@tributary/participant';
import { describe, expect, it } from 'vitest';
import {
  type ConsentOffer,
  changesSince,
  receiptFile,
  signConsent,
} from '../src/participant-page/consent-receipt.ts';
import { consentText } from '../src/participant-page/consent-text.ts';
import { TINY_PICTURES } from './tiny-pictures.ts';

function offer(changes: Partial<TaskManifestInput> = {}): ConsentOffer {
  const manifest = parseManifest({ ...TINY_PICTURES, ...changes });
  const text = consentText(manifest);
  return {
    ...{ runId: 'run-00000000' as RunId, coordinator: 'https://tributary.example' },
    ...{ language: 'en', text, manifest },
  };
}

async function agreed() {
  const identity = await openDeviceIdentity(createMemoryStorage());
  return { identity, receipt: await signConsent(offer(), identity, new Date(1_700_000_000_000)) };
}

describe('a consent receipt', () => {
  it('is verified as its own words say, by an implementation that is not ours', async () => {
    const { identity, receipt } = await agreed();
    const file = JSON.parse(receiptFile(receipt, 'how')) as typeof receipt;
    const claims = JSON.parse(file.claims) as Record<string, string>;
    expect(claims).toMatchObject({
      run: 'run-00000000',
      coordinator: 'https://tributary.example',
      time: '2023-11-14T22:13:20.000Z',
      language: 'en',
      publicKey: identity.publicKey,
    });
    expect(claims.textSha256).toBe(createHash('sha256').update(file.text).digest('hex'));

    const length = (of: Buffer) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(of.length);
      return bytes;
    };
    const [domain, signed] = [Buffer.from('tributary/consent/v1'), Buffer.from(file.claims)];
    const message = Buffer.concat([length(domain), domain, length(signed), signed]);
    const key = createPublicKey({
      format: 'jwk',
      key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(claims.publicKey!, 'hex').toString('base64url') },
    });
    const signature = hexToBytes(file.signature);
    expect(verify(null, message, key, signature)).toBe(true);
    message[30]! ^= 1;
    expect(verify(null, message, key, signature)).toBe(false);
  });

  it('stands while text, device, address and what matters to privacy stay as they are', async () => {
    const { identity, receipt } = await agreed();
    const rounds = { committedRounds: 30, reportGoal: 5, minimumSurvivors: 2 };
    const same = offer({ rounds, name: 'renamed', seed: 'other' });
    expect(changesSince(receipt, same, identity.publicKey)).toEqual([]);
  });

  it.each([
    ['data', { data: { ...TINY_PICTURES.data, labels: ['a', 'c'] } as TaskManifestInput['data'] }],
    ['training', { training: { ...TINY_PICTURES.training, epochs: 5 } }],
  ] as const)('names the part of the manifest that changed: %s', async (part, changes) => {
    const { identity, receipt } = await agreed();
    expect(changesSince(receipt, offer(changes), identity.publicKey)).toEqual([part]);
  });

  it('is asked for again when the text, the language, the address or the device is another', async () => {
    const { identity, receipt } = await agreed();
    const since = (change: Partial<ConsentOffer>) =>
      changesSince(receipt, { ...offer(), ...change }, identity.publicKey);
    expect(since({ text: `${offer().text} ` })).toEqual(['text']);
    expect(since({ language: 'de', text: 'Etwas anderes' })).toEqual(['language']);
    expect(since({ coordinator: 'https://elsewhere.example' })).toEqual(['coordinator']);
    const stranger = await openDeviceIdentity(createMemoryStorage());
    expect(changesSince(receipt, offer(), stranger.publicKey)).toEqual(['device']);
    // A clipping norm changes both what is said and what is done.
    const clipped = offer({ privacy: { mode: 'none', clippingNorm: 1 } });
    expect(changesSince(receipt, clipped, identity.publicKey)).toEqual(['text', 'privacy']);
  });

  it('covers every sentence about what leaves, what stays, and what to think about', () => {
    const { text } = offer();
    expect(text).toContain('model update');
    expect(text).toContain('your examples: pictures, rows, texts and their labels');
    expect(text).toContain('The coordinator sees the update of each participant by itself');
    expect(text.split('\n').at(-1)).toBe('I have read what leaves this device, and I want to take part');
  });
});
