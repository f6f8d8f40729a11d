import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRans, encodeRans } from '../../src/lossless/rans.ts';
import { normal, uniform } from '../clear/samples.ts';

/** Of order 0, in bytes. */
function entropy(bytes: Uint8Array): number {
  const counts = new Float64Array(256);
  for (const byte of bytes) counts[byte]! += 1;
  return counts.reduce((sum, n) => sum + (n === 0 ? 0 : (n * Math.log2(bytes.length / n)) / 8), 0);
}

describe('rANS', () => {
  it('gives back every byte, also over the end of a chunk, and never needs more than one byte for a chunk beyond them', () => {
    for (let symbols = 1; symbols <= 256; symbols += 51) {
      for (const length of [7, 300, 65_535, 65_537]) {
        const bytes = Uint8Array.from(uniform(length, symbols), (chance) =>
          Math.floor(chance ** 3 * symbols),
        );
        const coded = encodeRans(bytes);
        expect(coded.length).toBeLessThanOrEqual(length + Math.ceil(length / 65_536));
        expect(Buffer.compare(decodeRans(coded, length), bytes)).toBe(0);
      }
    }
  });

  it('gives back each run of each pair of symbols, whatever the rarer one is', () => {
    for (let symbol = 0; symbol < 256; symbol += 1) {
      for (const length of [0, 1, 2, 3, 4, 5, 100]) {
        const bytes = new Uint8Array(length).fill(symbol);
        expect(decodeRans(encodeRans(bytes), length)).toEqual(bytes);
        if (length > 0) bytes[length - 1] = 255 - symbol;
        expect(decodeRans(encodeRans(bytes), length)).toEqual(bytes);
      }
    }
  });

  it('comes within 1 % of the entropy: for one bit a byte to nearly eight', () => {
    const chances = normal(200_000, 5);
    for (const deviation of [0.5, 1, 4, 16, 40]) {
      const bytes = Uint8Array.from(chances, (chance) => 128 + Math.round(chance * deviation));
      const ratio = encodeRans(bytes).length / entropy(bytes);
      expect(ratio).toBeGreaterThanOrEqual(1);
      expect(ratio).toBeLessThan(1.01);
    }
  });

  it('reads nothing outside and always ends, whatever the bytes are', () => {
    const malformed = expect.objectContaining({ code: 'codec-malformed' });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(400), (coded, length) => {
        const outcome = outcomeOf(() => decodeRans(coded, length).length);
        expect([length, malformed]).toContainEqual(outcome);
      }),
      { numRuns: 5000 },
    );
  });

  it('refuses nearly every code of which one byte was changed: the states do not end where they began', () => {
    const bytes = Uint8Array.from(normal(2000, 3), (chance) => 128 + Math.round(chance * 4));
    const coded = encodeRans(bytes);
    let refused = 0;
    for (let at = 0; at < coded.length; at += 1) {
      const changed = coded.slice();
      changed[at]! ^= 0x10;
      if (!(outcomeOf(() => decodeRans(changed, bytes.length)) instanceof Uint8Array)) refused += 1;
    }
    expect(refused).toBeGreaterThan(0.99 * coded.length);
  });

  it.each([
    ['cut', (coded: Uint8Array) => coded.subarray(0, coded.length - 1)],
    ['longer', (coded: Uint8Array) => Uint8Array.of(...coded, 0)],
    [
      'with a state below its range',
      (coded: Uint8Array) => coded.fill(0, coded.length - 40, coded.length - 36),
    ],
  ])('refuses a code that is %s', (_, damage) => {
    const bytes = Uint8Array.from(normal(300, 3), (chance) => 128 + Math.round(chance));
    expect(() => decodeRans(damage(encodeRans(bytes)), 300)).toThrow(
      expect.objectContaining({ code: 'codec-malformed' }),
    );
  });
});

function outcomeOf<T>(work: () => T): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
