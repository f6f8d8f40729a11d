/** Every derivation of SA-1, held to frozen values and to a slow second implementation; and what each depends on. */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { INPUTS, MASKS, OUTPUTS } from '../../../test/vectors/secagg.ts';
import { ALICE_AND_BOB, ITERATED, RFC_7748 } from '../../../test/vectors/x25519.ts';
import {
  graphSeed,
  offerMessage,
  pairMaskKey,
  type SessionOpening,
  seedCommitment,
  selfMaskKey,
  sessionId,
  shareChannel,
  shareCommitment,
  survivorsMessage,
  taskHash,
} from '../src/secagg/derivations.ts';
import { plainCrypto } from '../src/secagg/plain-crypto.ts';
import type { SumTask } from '../src/secagg/sum-task.ts';
import { transcript, u8, u16, u32 } from '../src/secagg/transcript.ts';
import * as slow from './slow-derivations.ts';
import { slowX25519 } from './slow-x25519.ts';

const bytes = Object.fromEntries(
  Object.entries(INPUTS).flatMap(([name, value]) =>
    typeof value === 'string' && /^([0-9a-f]{2})+$/.test(value) ? [[name, hexToBytes(value)]] : [],
  ),
) as Record<
  | 'task'
  | 'modelHash'
  | 'modelLog'
  | 'identity'
  | 'maskKey'
  | 'channelKey'
  | 'seed'
  | 'cohortRoot'
  | 'beacon'
  | 'session'
  | 'agreed'
  | 'share'
  | 'sharers'
  | 'survivors',
  Uint8Array
>;
const task: SumTask = { ...INPUTS, ...bytes };
const opening: SessionOpening = { ...bytes, memberCount: INPUTS.memberCount, graph: INPUTS.chosen };
const binding = { session: bytes.session, cohortRoot: bytes.cohortRoot };
const keys = { ...bytes, seedCommitment: seedCommitment(bytes.seed) };
const direction = { from: 3, to: 300 };

/** Name by name: ours, the slow one's. */
const derived: Record<keyof typeof OUTPUTS, readonly [Uint8Array, Uint8Array]> = {
  taskHash: [
    taskHash(INPUTS.runId, INPUTS.manifest),
    slow.slowHash(slow.slowTranscript('SA-1/task', INPUTS.runId, INPUTS.manifest)),
  ],
  seedCommitment: [
    seedCommitment(bytes.seed),
    slow.slowHash(slow.slowTranscript('SA-1/seed-commit', bytes.seed)),
  ],
  offerMessage: [
    offerMessage(task, keys),
    slow.slowOfferMessage(task, keys.identity, keys.maskKey, keys.channelKey, keys.seedCommitment),
  ],
  sessionId: [
    sessionId(task, opening),
    slow.slowSessionId(task, bytes.cohortRoot, bytes.beacon, opening.memberCount, opening.graph),
  ],
  graphSeed: [
    graphSeed(bytes.cohortRoot, bytes.beacon),
    slow.slowHash(slow.slowTranscript('SA-1/graph', bytes.cohortRoot, bytes.beacon)),
  ],
  pairMaskKey0: [
    pairMaskKey(binding, bytes.agreed, [300, 3], 0),
    slow.slowPairMaskKey(binding, bytes.agreed, [3, 300], 0),
  ],
  pairMaskKey1: [
    pairMaskKey(binding, bytes.agreed, [3, 300], 1),
    slow.slowPairMaskKey(binding, bytes.agreed, [300, 3], 1),
  ],
  selfMaskKey0: [selfMaskKey(binding, bytes.seed, 300, 0), slow.slowSelfMaskKey(binding, bytes.seed, 300, 0)],
  selfMaskKey1: [selfMaskKey(binding, bytes.seed, 300, 1), slow.slowSelfMaskKey(binding, bytes.seed, 300, 1)],
  shareChannelKey: [
    shareChannel(binding, bytes.agreed, direction).key,
    slow.slowShareChannel(binding, bytes.agreed, direction).key,
  ],
  shareChannelNonce: [
    shareChannel(binding, bytes.agreed, direction).nonce,
    slow.slowShareChannel(binding, bytes.agreed, direction).nonce,
  ],
  shareChannelContext: [
    shareChannel(binding, bytes.agreed, direction).context,
    slow.slowShareChannel(binding, bytes.agreed, direction).context,
  ],
  keyShareCommitment: [
    shareCommitment(binding, direction, 'key', bytes.share),
    slow.slowShareCommitment(binding, direction, 0, bytes.share),
  ],
  seedShareCommitment: [
    shareCommitment(binding, direction, 'seed', bytes.share),
    slow.slowShareCommitment(binding, direction, 1, bytes.share),
  ],
  survivorsMessage: [
    survivorsMessage(binding, bytes.sharers, bytes.survivors),
    slow.slowTranscript('SA-1/survivors', bytes.session, bytes.cohortRoot, bytes.sharers, bytes.survivors),
  ],
};

describe('the slow implementation', () => {
  // RFC 5869, appendix A.1 to A.3.
  test.each([
    {
      ikm: '0b'.repeat(22),
      salt: '000102030405060708090a0b0c',
      info: 'f0f1f2f3f4f5f6f7f8f9',
      output: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    },
    {
      ikm: hexRange(0x00, 80),
      salt: hexRange(0x60, 80),
      info: hexRange(0xb0, 80),
      output:
        'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
    },
    {
      ikm: '0b'.repeat(22),
      salt: '',
      info: '',
      output: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    },
  ])('derives as in RFC 5869: $output', ({ ikm, salt, info, output }) => {
    const of = (hex: string) => hexToBytes(hex);
    expect(bytesToHex(slow.slowHkdf(of(ikm), of(salt), of(info), output.length / 2))).toBe(output);
  });

  test('agrees on keys as in RFC 7748', () => {
    for (const { privateKey, publicKey, secret } of RFC_7748)
      expect(bytesToHex(slowX25519(hexToBytes(privateKey), hexToBytes(publicKey)))).toBe(secret);
    let k: Uint8Array = hexToBytes(`09${'00'.repeat(31)}`);
    let u = k;
    for (let time = 1; time <= 50; time += 1) [k, u] = [slowX25519(k, u), k];
    expect(bytesToHex(k)).toBe(ITERATED[50]);
  });

  test('makes the key stream of SP 800-38A, F.5.5', () => {
    const key = hexToBytes('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4');
    const stream = slow.slowKeyStream(key, 0xf0f1f2f3f4f5f6f7f8f9fafbfcfdfeffn, 64);
    const plain = hexToBytes(
      '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
    );
    expect(bytesToHex(stream.map((byte, i) => byte ^ plain[i]!))).toBe(
      '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6',
    );
  });
});

describe('a derivation', () => {
  test.each(Object.entries(derived))(
    '[K-1] %s has its known answer, also by the slow way',
    (name, [ours, theirs]) => {
      expect(bytesToHex(ours)).toBe(OUTPUTS[name as keyof typeof OUTPUTS]);
      expect(bytesToHex(theirs)).toBe(OUTPUTS[name as keyof typeof OUTPUTS]);
    },
  );

  test('[K-1] gives nothing that another one gives', () => {
    const outputs = Object.values(OUTPUTS);
    expect(new Set(outputs).size).toBe(outputs.length);
  });
});

const other = new Uint8Array(32).fill(0xee);

describe('a session', () => {
  const changed: Record<string, readonly [Partial<SumTask>, Partial<SessionOpening>]> = {
    task: [{ task: other }, {}],
    round: [{ roundNumber: 8 }, {}],
    model: [{ modelHash: other }, {}],
    'log of models': [{ modelLog: other }, {}],
    roster: [{}, { cohortRoot: other }],
    beacon: [{}, { beacon: other }],
    'number of members': [{}, { memberCount: 71 }],
    'kind of graph': [{}, { graph: { ...INPUTS.chosen, kind: 'complete' } }],
    degree: [{}, { graph: { ...INPUTS.chosen, degree: 34 } }],
    'share threshold': [{}, { graph: { ...INPUTS.chosen, shareThreshold: 21 } }],
    'smallest number of survivors': [{ minimumSurvivors: 59 }, {}],
    'width of the ring': [{ vectors: [{ bits: 24, length: 100_000 }, INPUTS.vectors[1]] }, {}],
    'length of a vector': [{ vectors: [{ bits: 23, length: 100_001 }, INPUTS.vectors[1]] }, {}],
    'number of vectors': [{ vectors: INPUTS.vectors.slice(0, 1) }, {}],
    'order of vectors': [{ vectors: INPUTS.vectors.toReversed() }, {}],
  };
  test.each(Object.entries(changed))(
    '[K-2] is another one when the %s is another',
    (_, [newTask, newOpening]) => {
      const id = sessionId({ ...task, ...newTask }, { ...opening, ...newOpening });
      expect(bytesToHex(id)).not.toBe(OUTPUTS.sessionId);
    },
  );
});

describe('an offer signs', () => {
  const changed: Record<string, readonly [Partial<SumTask>, Partial<typeof keys>]> = {
    task: [{ task: other }, {}],
    round: [{ roundNumber: 8 }, {}],
    model: [{ modelHash: other }, {}],
    'log of models': [{ modelLog: other }, {}],
    identity: [{}, { identity: other }],
    'mask key': [{}, { maskKey: other }],
    'channel key': [{}, { channelKey: other }],
    'commitment to the seed': [{}, { seedCommitment: other }],
  };
  test.each(Object.entries(changed))('the %s', (_, [newTask, newKeys]) => {
    const message = offerMessage({ ...task, ...newTask }, { ...keys, ...newKeys });
    expect(bytesToHex(message)).not.toBe(OUTPUTS.offerMessage);
  });
});

describe('a mask', () => {
  const { alice, bob } = ALICE_AND_BOB;
  const both = plainCrypto(() => new Uint8Array());

  /** As each of the two has it: position 3 is Alice's, 300 is Bob's. */
  const ours = async (
    own: string,
    other: string,
    pair: readonly [number, number],
    { bits, length }: { readonly bits: number; readonly length: number },
    vector: number,
  ) => {
    const agreed = (await both.x25519(hexToBytes(own), hexToBytes(other)))!;
    const width = Math.ceil(bits / 8);
    const stream = await both.maskStream(pairMaskKey(binding, agreed, pair, vector));
    const lanes = await stream.read(0, width * length);
    return Array.from({ length }, (_, i) => Buffer.from(lanes).readUIntLE(i * width, width) % 2 ** bits);
  };

  test.each(MASKS)(
    '[K-3] of $bits bits has its known answer on both sides, also by the slow way',
    async (known) => {
      const shape = { bits: known.bits, length: known.elements.length };
      expect(await ours(alice.privateKey, bob.publicKey, [3, 300], shape, known.vector)).toEqual(
        known.elements,
      );
      expect(await ours(bob.privateKey, alice.publicKey, [300, 3], shape, known.vector)).toEqual(
        known.elements,
      );

      const agreed = slowX25519(hexToBytes(alice.privateKey), hexToBytes(bob.publicKey));
      const key = slow.slowPairMaskKey(binding, agreed, [3, 300], known.vector);
      expect(slow.slowMask(key, known.bits, shape.length).map(Number)).toEqual(known.elements);
    },
  );

  /** Two masks that share a key let the coordinator subtract one from the other. */
  test('[K-2] has a key of its own for each session, roster, pair, member and vector', () => {
    const all: string[] = [];
    for (const session of [bytes.session, other])
      for (const cohortRoot of [bytes.cohortRoot, other])
        for (const vector of [0, 1, 255]) {
          const within = { session, cohortRoot };
          for (const pair of [
            [0, 1],
            [0, 2],
            [1, 2],
            [0, 256],
            [1, 256],
            [2, 256],
          ] as const)
            all.push(bytesToHex(pairMaskKey(within, bytes.agreed, pair, vector)));
          // The same secret on purpose: a self mask is no pair mask, whatever comes in.
          for (const index of [0, 1, 2, 256])
            all.push(bytesToHex(selfMaskKey(within, bytes.agreed, index, vector)));
        }
    expect(new Set(all).size).toBe(all.length);
  });

  test('[K-2] depends on every bit of its secret: none of the 256 is ignored', () => {
    const keysOf = (secret: Uint8Array) => [
      bytesToHex(pairMaskKey(binding, secret, [0, 1], 0)),
      bytesToHex(selfMaskKey(binding, secret, 0, 0)),
    ];
    const all = [...keysOf(bytes.seed)];
    for (let bit = 0; bit < 256; bit += 1) {
      const flipped = bytes.seed.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      all.push(...keysOf(flipped));
    }
    expect(new Set(all).size).toBe(2 * 257);
  });
});

describe('a share', () => {
  const seal = (from: number, to: number, agreed = bytes.agreed, within = binding) => {
    const { key, nonce, context } = shareChannel(within, agreed, { from, to });
    return [bytesToHex(key), bytesToHex(nonce), bytesToHex(context)];
  };

  test('has a key and a nonce for one direction only, and says whose it is', () => {
    const all = [seal(0, 1), seal(1, 0), seal(0, 256), seal(256, 0), seal(1, 256)];
    for (const part of [0, 1, 2]) expect(new Set(all.map((each) => each[part])).size).toBe(all.length);
  });

  test('has another key in another session, under another roster, and with another secret', () => {
    const all = [
      seal(0, 1),
      seal(0, 1, other),
      seal(0, 1, bytes.agreed, { ...binding, session: other }),
      seal(0, 1, bytes.agreed, { ...binding, cohortRoot: other }),
    ];
    for (const part of [0, 1]) expect(new Set(all.map((each) => each[part])).size).toBe(all.length);
  });

  test('has a commitment of its own for each session, dealer, holder, kind and value', () => {
    const within = { session: bytes.session };
    const all = [
      shareCommitment(within, { from: 0, to: 1 }, 'key', bytes.share),
      shareCommitment(within, { from: 0, to: 1 }, 'seed', bytes.share),
      shareCommitment(within, { from: 1, to: 0 }, 'key', bytes.share),
      shareCommitment(within, { from: 0, to: 2 }, 'key', bytes.share),
      shareCommitment(within, { from: 0, to: 1 }, 'key', other),
      shareCommitment({ session: other }, { from: 0, to: 1 }, 'key', bytes.share),
    ];
    expect(new Set(all.map(bytesToHex)).size).toBe(all.length);
  });
});

describe('a transcript', () => {
  test('of other fields has other bytes, also when they join to the same', () => {
    const of = (...fields: string[]) =>
      bytesToHex(
        transcript(
          'd',
          fields.map((f) => hexToBytes(f)),
        ),
      );
    const all = [
      of('0102', '03'),
      of('01', '0203'),
      of('010203'),
      of('0102', '03', ''),
      of('', '0102', '03'),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test('takes numbers in the width of their field, and no others', () => {
    expect([u8(0x12), u16(0x1234), u32(0x12345678)].map(bytesToHex)).toEqual(['12', '3412', '78563412']);
    expect([u8(255), u16(65_535), u32(4_294_967_295)].map(bytesToHex)).toEqual(['ff', 'ffff', 'ffffffff']);
    for (const wrong of [-1, 1.5, Number.NaN]) expect(() => u32(wrong)).toThrow(RangeError);
    expect(() => u8(256)).toThrow(RangeError);
    expect(() => u16(65_536)).toThrow(RangeError);
    expect(() => u32(2 ** 32)).toThrow(RangeError);
  });
});

function hexRange(from: number, length: number): string {
  return bytesToHex(Uint8Array.from({ length }, (_, i) => from + i));
}
