import { philoxWords } from '@tributary/compression';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PhiloxCounter, type PhiloxKey, philoxBlock, philoxInto } from '../../src/additive/philox.ts';

/** Random123, tests/kat_vectors, `philox4x32 10`. */
const KNOWN_ANSWERS: readonly (readonly [PhiloxCounter, PhiloxKey, PhiloxCounter])[] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('Philox4x32-10', () => {
  it.each(KNOWN_ANSWERS)('of counter %j and key %j is the published block', (counter, key, answer) => {
    expect(philoxBlock(counter, key)).toEqual(answer);
  });

  it('is the product of two words, of which BigInt knows all 64 bits, round by round', () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
        expect(philoxBlock(counter, key)).toEqual(slowPhilox(counter, key));
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same words of a stream, however many are taken at once, and from any place', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.maxSafeNat(),
        fc.array(fc.nat(50), { maxLength: 8 }),
        fc.nat(300),
        (seed, stream, counts, from) => {
          const whole = new Uint32Array(500);
          philoxInto(whole, { seed, stream }, 0);
          const random = philoxWords(seed, stream, from);
          let at = from;
          for (const count of counts.slice(0, 4)) {
            const words = new Uint32Array(count);
            random.fill(words);
            expect(words).toEqual(whole.slice(at, at + count));
            at += count;
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('[C-10] counts blocks, streams and seed words in the places that the documentation states', () => {
    const seed = new Uint8Array(32);
    new DataView(seed.buffer).setUint32(0, 0x11111111, true);
    new DataView(seed.buffer).setUint32(4, 0x22222222, true);
    new DataView(seed.buffer).setUint32(8, 0x33333333, true);
    const words = new Uint32Array(4);
    philoxInto(words, { seed, stream: 5 * 2 ** 32 + 7 }, 4 * 9);
    expect([...words]).toEqual(philoxBlock([9, 7, 5, 0x33333333], [0x11111111, 0x22222222]));
  });
});

function slowPhilox(counter: PhiloxCounter, key: PhiloxKey): number[] {
  let [a, b, c, d] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k, l] = key.map(BigInt) as [bigint, bigint];
  const low = (x: bigint) => BigInt.asUintN(32, x);
  for (let round = 0; round < 10; round += 1) {
    const [p, q] = [0xd2511f53n * a, 0xcd9e8d57n * c];
    [a, b, c, d] = [(q >> 32n) ^ b ^ k, low(q), (p >> 32n) ^ d ^ l, low(p)];
    [k, l] = [low(k + 0x9e3779b9n), low(l + 0xbb67ae85n)];
  }
  return [a, b, c, d].map(Number);
}
