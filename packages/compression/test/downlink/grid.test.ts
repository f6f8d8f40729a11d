import { gridSteps, roundToGrid } from '@tributary/compression';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entropyOf, normal } from './models.ts';

const published = (values: Float32Array, shapes: readonly number[][], bits: number) =>
  roundToGrid(values, shapes, gridSteps(values, shapes, { bits, previous: null }));

describe('the grid of a tensor', () => {
  it.each([4, 6, 12])('costs at most %i bits a parameter, and no whole bit less', (bits) => {
    for (let at = 0; at < 4; at += 1) {
      // Through an octave of deviations, so that the power of two fits well and badly.
      const values = normal(40_000, { deviation: 0.05 * 2 ** (at / 4), seed: at });
      const entropy = entropyOf(published(values, [[40_000, 1]], bits));
      expect(entropy).toBeLessThanOrEqual(bits + 0.02);
      expect(entropy).toBeGreaterThan(bits - 1.02);
    }
  });

  it('is a power of two for each tensor, and every value the nearest of its multiples', () => {
    const shapes = [[40, 50], [50], [50, 4]];
    const values = Float32Array.of(
      ...normal(2000, { deviation: 0.1, seed: 1 }),
      ...normal(50, { deviation: 1e-4, seed: 2 }),
      ...normal(200, { deviation: 30, seed: 3 }),
    );
    const steps = gridSteps(values, shapes, { bits: 6, previous: null });
    const rounded = roundToGrid(values, shapes, steps);
    values.forEach((value, i) => {
      const step = 2 ** steps[i < 2000 ? 0 : i < 2050 ? 1 : 2]!;
      expect(Number.isInteger(rounded[i]! / step)).toBe(true);
      expect(Math.abs(value - rounded[i]!)).toBeLessThanOrEqual(step / 2);
      expect(Object.is(rounded[i], -0)).toBe(false);
    });
  });

  it('is finer for vectors, since biases are few and much depends on each', () => {
    const values = normal(1000, { deviation: 0.3, seed: 4 });
    const [ofMatrix] = gridSteps(values, [[100, 10]], { bits: 6, previous: null });
    const [ofVector] = gridSteps(values, [[1000]], { bits: 6, previous: null });
    expect(ofMatrix! - ofVector!).toBe(8);
  });

  it('stays while it fits, so that it does not go back and forth between two rounds', () => {
    const shapes = [[100, 100]];
    let steps: Int16Array | null = null;
    let changes = 0;
    for (let round = 0; round < 20; round += 1) {
      // Around where the step would be another: a little more, a little less.
      const deviation = 0.1 * (1 + 0.05 * Math.sin(round));
      const values = normal(10_000, { deviation, seed: round });
      const next = gridSteps(values, shapes, { bits: 6, previous: steps });
      if (steps && next[0] !== steps[0]) changes += 1;
      steps = next;
    }
    expect(changes).toBeLessThanOrEqual(1);
  });

  it('is finer when the tensor became much smaller, and then has the coarser one in it', () => {
    const shapes = [[100, 100]];
    const before = gridSteps(normal(10_000, { deviation: 0.1, seed: 5 }), shapes, {
      bits: 6,
      previous: null,
    });
    const after = gridSteps(normal(10_000, { deviation: 0.01, seed: 5 }), shapes, {
      bits: 6,
      previous: before,
    });
    expect(after[0]).toBeLessThan(before[0]!);
  });

  it('is there for a tensor of zeros, which stays zero, and for one without values', () => {
    const values = new Float32Array(12);
    const steps = gridSteps(
      values,
      [
        [3, 4],
        [0, 5],
      ],
      { bits: 6, previous: null },
    );
    expect(
      roundToGrid(
        values,
        [
          [3, 4],
          [0, 5],
        ],
        steps,
      ),
    ).toEqual(values);
    const kept = gridSteps(
      values,
      [
        [3, 4],
        [0, 5],
      ],
      { bits: 6, previous: Int16Array.of(-7, -9) },
    );
    expect([...kept]).toEqual([-7, -9]);
  });

  it('holds any finite values: the largest, the smallest, and both beside each other', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 4, max: 12 }),
        (drawn, bits) => {
          const values = Float32Array.from(drawn);
          const shapes = [[values.length, 1]];
          const steps = gridSteps(values, shapes, { bits, previous: null });
          const rounded = roundToGrid(values, shapes, steps);
          expect(rounded.every(Number.isFinite)).toBe(true);
          // On its grid already, a model stays what it is.
          expect(roundToGrid(rounded, shapes, steps)).toEqual(rounded);
          rounded.forEach((value, i) => {
            expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(2 ** steps[0]! / 2);
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (value) => {
    expect(() => gridSteps(Float32Array.of(1, value), [[2]], { bits: 6, previous: null })).toThrow(
      expect.objectContaining({ code: 'codec-not-finite' }),
    );
  });
});
