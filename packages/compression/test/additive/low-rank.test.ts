import {
  createLaneSum,
  linearMapLengths,
  openLinearMap,
  quantise,
  quantiseInto,
} from '@tributary/compression';
import { describe, expect, it } from 'vitest';
import { normal, seeded } from '../clear/samples.ts';

const SHAPES = [[30, 20], [20], [2, 4, 12], [3, 2]];
const LENGTH = 600 + 20 + 96 + 6;
const plan = (rank: number) => ({ sampling: { kind: 'low-rank', rank }, rotation: 'none' }) as const;
const SEED = new Uint8Array(32).fill(3);

describe('a shared random basis', () => {
  it('sends of each matrix as many columns as the basis has, and the rest whole', () => {
    expect(linearMapLengths(plan(4), SHAPES).kept).toBe(30 * 4 + 20 + 8 * 4 + 6);
    expect(linearMapLengths(plan(256), SHAPES).kept).toBe(LENGTH);
    expect(linearMapLengths(plan(1), [[], [0, 3], [3, 0]]).kept).toBe(1);
  });

  it('is orthonormal: what was spread is sampled as it was, and what is left has nothing of it', () => {
    const map = openLinearMap(plan(4), SHAPES, SEED);
    const sketch = normal(map.kept, 1);
    expectClose(map.sample(map.spread(sketch)), sketch);
    const values = normal(LENGTH, 2);
    const seen = map.spread(map.sample(values));
    const left = values.map((value, i) => value - seen[i]!);
    expectClose(map.sample(left), new Float32Array(map.kept));
  });

  it('gives vectors, and matrices narrower than the basis, as they were', () => {
    const map = openLinearMap(plan(4), SHAPES, SEED);
    const values = normal(LENGTH, 3);
    for (const back of [map.spread(map.sample(values)), map.estimate(map.sample(values))]) {
      expect(back.subarray(600, 620)).toEqual(values.subarray(600, 620));
      expect(back.subarray(716)).toEqual(values.subarray(716));
      expect(back.subarray(0, 600)).not.toEqual(values.subarray(0, 600));
    }
  });

  it('is another one in each round, and for each tensor', () => {
    const shapes = [
      [1, 20],
      [1, 20],
    ];
    const ones = new Float32Array(40).fill(1);
    const sketch = openLinearMap(plan(3), shapes, SEED).sample(ones);
    expect(sketch.subarray(0, 3)).not.toEqual(sketch.subarray(3));
    expect(openLinearMap(plan(3), shapes, new Uint8Array(32)).sample(ones)).not.toEqual(sketch);
  });

  it('gives the same bits under masks as in the clear', () => {
    const map = openLinearMap(plan(4), SHAPES, SEED);
    const ring = { levels: 2 ** 11 - 1, step: 2 ** -8 };
    const bits = 16;
    const [clear, masked] = [createLaneSum(map.kept, bits), createLaneSum(map.kept, bits)];
    const maskSum = new Float64Array(map.kept);
    for (let member = 0; member < 10; member += 1) {
      const sketch = map.sample(normal(LENGTH, 10 + member));
      const code = { plan: ring, scale: 1 };
      quantiseInto(clear, sketch, { ...code, random: seeded(member) });
      const mask = new Uint32Array(map.kept);
      seeded(100 + member).fill(mask);
      const levels = quantise(sketch, { ...code, random: seeded(member) });
      masked.addValues(
        levels.map((level, i) => (level + mask[i]!) | 0),
        0,
      );
      mask.forEach((word, i) => {
        maskSum[i] = maskSum[i]! + word;
      });
    }
    expect(masked.signedValues()).not.toEqual(clear.signedValues());
    masked.addValues(
      Int32Array.from(maskSum, (word) => -(word % 2 ** 32)),
      0,
    );
    expect(masked.signedValues()).toEqual(clear.signedValues());
    const mean = (sum: typeof clear) =>
      map.estimate(Float32Array.from(sum.signedValues(), (level) => (level * ring.step) / 10));
    expect(mean(masked)).toEqual(mean(clear));
  });
});

function expectClose(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  const worst = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
  expect(worst).toBeLessThan(1e-5);
}
