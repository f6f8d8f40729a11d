import { describe, expect, it } from 'vitest';
import { fieldElement, inverse, multiply, PRIME } from '../../src/lightsecagg/field.ts';
import { packedBytes, packVector, unpackVector } from '../../src/lightsecagg/field-bytes.ts';
import { uniformVector } from '../../src/lightsecagg/uniform.ts';
import { weightedSum } from '../../src/lightsecagg/weighted-sum.ts';
import { seededBytes } from '../seeded-bytes.ts';

const q = BigInt(PRIME);

describe('the field of LightSecAgg', () => {
  it('has a prime number of elements', () => {
    for (let divisor = 2; divisor * divisor <= PRIME; divisor += 1) expect(PRIME % divisor).not.toBe(0);
  });

  it('holds every product exactly, which the usual prime 2^31 - 1 does not', () => {
    const largest = PRIME - 1;
    expect(Number.isSafeInteger(largest * largest)).toBe(true);
    expect(multiply(largest, largest)).toBe(1);

    const usual = 2 ** 31 - 1;
    expect(Number.isSafeInteger((usual - 1) ** 2)).toBe(false);
    // 20 members: their products overflow 64-bit integers, too, as the published implementation's do.
    expect(20n * BigInt(usual - 1) ** 2n > 2n ** 63n - 1n).toBe(true);
    expect(255n * (q - 1n) ** 2n < 2n ** 63n).toBe(true);
  });

  it('inverts every element but zero', () => {
    for (const element of [1, 2, 3, 8191, 8192, PRIME - 2, PRIME - 1]) {
      expect(multiply(element, inverse(element))).toBe(1);
    }
    expect(() => inverse(0)).toThrow(RangeError);
  });

  it('takes signed integers', () => {
    expect([-1, -PRIME, PRIME, PRIME + 3].map(fieldElement)).toEqual([PRIME - 1, 0, 0, 3]);
  });
});

describe('a weighted sum over the field', () => {
  it.each([1, 3, 4, 5, 70, 255])(
    'of %i vectors is what big integers say, at its largest and elsewhere',
    (count) => {
      const length = 2053;
      const random = seededBytes(`weighted sum of ${count}`);
      const largest = Array.from({ length: count }, () => new Int32Array(length).fill(PRIME - 1));
      const some = Array.from({ length: count }, () => uniformVector(length, random));
      for (const [weights, vectors] of [
        [new Int32Array(count).fill(PRIME - 1), largest],
        [uniformVector(count, random), largest],
        [uniformVector(count, random), some],
      ] as const) {
        const sum = weightedSum(weights, vectors);
        for (const at of [0, 1, 2047, 2048, length - 1]) {
          const exact = vectors.reduce(
            (total, vector, k) => total + BigInt(weights[k]!) * BigInt(vector[at]!),
            0n,
          );
          expect(BigInt(sum[at]!)).toBe(exact % q);
        }
      }
    },
  );

  it('refuses more vectors than it can add exactly', () => {
    const vectors = Array.from({ length: 256 }, () => new Int32Array(1));
    expect(() => weightedSum(new Int32Array(256), vectors)).toThrow(RangeError);
  });
});

describe('uniform elements', () => {
  it('are 26 random bits, drawn again where those are no element', () => {
    const draws = [PRIME, 7, 2 ** 26 - 1, PRIME - 1, 0xfc00_0000, 5];
    let drawn = 0;
    const randomBytes = (length: number): Uint8Array => {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at += 4) new DataView(bytes.buffer).setUint32(at, draws[drawn++]!, true);
      return bytes;
    };
    expect([...uniformVector(4, randomBytes)]).toEqual([7, PRIME - 1, 0, 5]);
  });

  it('have the moments of a uniform distribution, also over many draws (false alarm below 1e-6)', () => {
    const length = 100_000;
    const vector = uniformVector(length, seededBytes('uniform elements'));
    const mean = vector.reduce((sum, element) => sum + element / PRIME, 0) / length;
    // Standard error of the mean: sqrt(1 / 12 / 100000) = 0.00091; five of them.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.0046);
  });
});

describe('packed elements', () => {
  it.each([0, 1, 2, 3, 4, 5, 1001])('of a vector of %i come back, in 26 bits each', (length) => {
    const vector = uniformVector(length, seededBytes(`packed ${length}`));
    const bytes = packVector(vector);
    expect(bytes.length).toBe(Math.ceil((26 * length) / 8));
    expect(unpackVector(bytes, length)).toEqual(vector);
  });

  it('are the bits of the elements, lowest first', () => {
    const elements = [PRIME - 1, 1, 0x2aa_aaaa, 3, PRIME - 2];
    const whole = elements.reduce((bits, element, at) => bits + (BigInt(element) << BigInt(26 * at)), 0n);
    const bytes = [...packVector(Int32Array.from(elements))];
    expect(bytes.reduce((bits, byte, at) => bits + (BigInt(byte) << BigInt(8 * at)), 0n)).toBe(whole);
  });

  it('are refused when there are too many or too few, when one is no element, or when bits behind them are set', () => {
    const bytes = packVector(Int32Array.of(1, 2, 3));
    expect(unpackVector(bytes, 4)).toBeNull();
    expect(unpackVector(bytes.subarray(1), 3)).toBeNull();
    expect(unpackVector(new Uint8Array(packedBytes(4)).fill(255), 4)).toBeNull();
    const withTail = bytes.slice();
    withTail[withTail.length - 1]! |= 128;
    expect(unpackVector(withTail, 3)).toBeNull();
  });
});
