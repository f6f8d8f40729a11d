import { accumulate, decodeMean, fixedPointFor, toFixedPoint } from '@tributary/compression';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('fixed point', () => {
  it('leaves no sum that float64 could round', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        fc.integer({ min: 1, max: 2 ** 31 }),
        (valueBound, totalWeight) => {
          const fixedPoint = fixedPointFor({ valueBound, totalWeight });
          if (!fixedPoint) return;
          const largest = BigInt(toFixedPoint(valueBound, fixedPoint)) * BigInt(totalWeight);
          expect(largest).toBeLessThanOrEqual(BigInt(Number.MAX_SAFE_INTEGER));
          expect(fixedPoint.fractionalBits).toBeGreaterThanOrEqual(12);
        },
      ),
    );
  });

  it('is refused where fewer than 12 fractional bits would remain', () => {
    expect(fixedPointFor({ valueBound: 2 ** 20, totalWeight: 2 ** 19 })).toEqual({
      fractionalBits: 12,
      valueBound: 2 ** 20,
      totalWeight: 2 ** 19,
    });
    expect(fixedPointFor({ valueBound: 2 ** 20, totalWeight: 2 ** 20 })).toBeUndefined();
  });

  it('is within half a unit in the last place of the value', () => {
    const fixedPoint = fixedPointFor({ valueBound: 32, totalWeight: 1000 })!;
    fc.assert(
      fc.property(fc.float({ min: -32, max: 32, noNaN: true }), (value) => {
        const error = Math.abs(toFixedPoint(value, fixedPoint) / 2 ** fixedPoint.fractionalBits - value);
        expect(error).toBeLessThanOrEqual(2 ** -(fixedPoint.fractionalBits + 1));
      }),
    );
  });

  it('rounds to the nearest integer, ties to even, as exact arithmetic on BigInt does', () => {
    const fixedPoint = { fractionalBits: 30, valueBound: 32, totalWeight: 1 };
    const random = fc.float({ min: -32, max: 32, noNaN: true });
    const tie = fc.integer({ min: -(2 ** 23), max: 2 ** 23 }).map((odd) => (2 * odd + 1) * 2 ** -31);
    fc.assert(
      fc.property(fc.oneof(random, tie), (value) => {
        // A float32 within the bound is a multiple of 2^-149: exact as an integer over 2^149.
        const exact = BigInt(value * 2 ** 149);
        const unit = 2n ** 119n;
        const floor = exact / unit - (exact % unit < 0n ? 1n : 0n);
        const twiceRest = 2n * (exact - floor * unit);
        const up = twiceRest > unit || (twiceRest === unit && floor % 2n !== 0n);
        expect(BigInt(toFixedPoint(value, fixedPoint))).toBe(up ? floor + 1n : floor);
      }),
      { numRuns: 2000 },
    );
  });

  it('adds every element once, whatever the length', () => {
    const fixedPoint = fixedPointFor({ valueBound: 32, totalWeight: 10 })!;
    for (let length = 0; length < 12; length += 1) {
      const values = Float32Array.from({ length }, (_, i) => i - 4.5);
      const sum = new Float64Array(length);
      accumulate(sum, values, { weight: 3, fixedPoint });
      expect([...decodeMean(sum, { totalWeight: 3, fixedPoint })]).toEqual([...values]);
    }
  });

  it('sums exactly, as BigInt does', () => {
    const fixedPoint = fixedPointFor({ valueBound: 32, totalWeight: 1_000_000 })!;
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            value: fc.float({ min: -32, max: 32, noNaN: true }),
            weight: fc.integer({ min: 1, max: 50_000 }),
          }),
          { maxLength: 20 },
        ),
        (terms) => {
          const sum = new Float64Array(1);
          let exact = 0n;
          for (const { value, weight } of terms) {
            accumulate(sum, new Float32Array([value]), { weight, fixedPoint });
            exact += BigInt(weight) * BigInt(toFixedPoint(value, fixedPoint));
          }
          expect(BigInt(sum[0]!)).toBe(exact);
        },
      ),
    );
  });

  it('decodes the weighted mean', () => {
    const fixedPoint = fixedPointFor({ valueBound: 4, totalWeight: 10 })!;
    const sum = new Float64Array(2);
    accumulate(sum, new Float32Array([1, -2]), { weight: 3, fixedPoint });
    accumulate(sum, new Float32Array([2, 4]), { weight: 1, fixedPoint });
    expect([...decodeMean(sum, { totalWeight: 4, fixedPoint })]).toEqual([1.25, -0.5]);
  });
});
