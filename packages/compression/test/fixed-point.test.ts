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
    expect(fixedPointFor({ valueBound: 2 ** 20, totalWeight: 2 ** 20 })).toEqual({
      fractionalBits: 12,
      valueBound: 2 ** 20,
      totalWeight: 2 ** 20,
    });
    expect(fixedPointFor({ valueBound: 2 ** 20, totalWeight: 2 ** 21 })).toBeUndefined();
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
