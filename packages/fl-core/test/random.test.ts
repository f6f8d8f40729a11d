import {
  integerBelow,
  seededRandom,
  shuffle,
  standardNormal,
  unitInterval,
  xoshiro128,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';

describe('xoshiro128**', () => {
  it('gives the values of the reference implementation for state 1, 2, 3, 4 (rand_xoshiro test vector)', () => {
    const random = xoshiro128([1, 2, 3, 4]);
    const drawn = Array.from({ length: 10 }, () => random.nextUint32());
    expect(drawn).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('agrees with a BigInt transcription of the published C code over 1,000 draws', () => {
    const random = xoshiro128([0xdeadbeef, 0x01234567, 0x89abcdef, 0x42]);
    const slow = slowXoshiro([0xdeadbeefn, 0x01234567n, 0x89abcdefn, 0x42n]);
    for (let i = 0; i < 1000; i += 1) expect(random.nextUint32()).toBe(slow());
  });

  it('differs by seed and repeats by seed', () => {
    expect(seededRandom('a').nextUint32()).toBe(seededRandom('a').nextUint32());
    expect(seededRandom('a').nextUint32()).not.toBe(seededRandom('b').nextUint32());
  });
});

describe('draws', () => {
  it('integerBelow is uniform (chi-squared, 99.9 % quantile of 9 degrees of freedom: 27.9)', () => {
    const random = seededRandom('uniform');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i += 1) counts[integerBelow(random, 10)]! += 1;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(27.9);
  });

  it('integerBelow rejects the remainder instead of folding it', () => {
    const values = [2 ** 32 - 1, 7];
    const random = { nextUint32: () => values.shift()! };
    expect(integerBelow(random, 10)).toBe(7);
  });

  it('unitInterval stays in [0, 1) at both ends', () => {
    expect(unitInterval({ nextUint32: () => 0 })).toBe(0);
    expect(unitInterval({ nextUint32: () => 2 ** 32 - 1 })).toBe(1 - 2 ** -53);
  });

  it('shuffle keeps the elements and reaches every order of three equally (5 degrees, 99.9 %: 20.5)', () => {
    const random = seededRandom('shuffle');
    const seen = new Map<string, number>();
    for (let i = 0; i < 60_000; i += 1) {
      const key = shuffle([0, 1, 2], random).join('');
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    const chiSquared = [...seen.values()].reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(20.5);
  });

  it('standardNormal has mean 0 and deviation 1 (within 5 standard errors of 100,000 draws)', () => {
    const random = seededRandom('normal');
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < 100_000; i += 1) {
      const value = standardNormal(random);
      sum += value;
      squares += value * value;
    }
    expect(Math.abs(sum / 100_000)).toBeLessThan(5 / Math.sqrt(100_000));
    expect(Math.abs(squares / 100_000 - 1)).toBeLessThan((5 * Math.SQRT2) / Math.sqrt(100_000));
  });
});

function slowXoshiro(seed: readonly [bigint, bigint, bigint, bigint]): () => number {
  const mask = 0xffffffffn;
  const rotate = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & mask;
  const s = [...seed] as [bigint, bigint, bigint, bigint];
  return () => {
    const result = (rotate((s[1] * 5n) & mask, 7n) * 9n) & mask;
    const t = (s[1] << 9n) & mask;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11n);
    return Number(result);
  };
}
