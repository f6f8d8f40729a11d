import { type ClearPlanLike, decodeClear, encodeClear } from '@tributary/compression';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contextOf, normal } from './samples.ts';

type Truncated = Extract<ClearPlanLike, { codec: 'truncated' }>;
const PLAN: Truncated = { codec: 'truncated', mantissaBits: 7, feedback: { mode: 'off' } };

describe('truncated floats', () => {
  it('are one of the two neighbours with so many bits of mantissa, of which there is one when there is nothing to lose', () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(
        fc.array(float, { maxLength: 20 }),
        fc.integer({ min: 0, max: 22 }),
        (values, mantissaBits) => {
          const plan = { ...PLAN, mantissaBits };
          const { bytes, decoded } = encodeClear(Float32Array.from(values), plan, contextOf(values.length));
          values.forEach((value, i) => {
            expect(neighboursOf(value, mantissaBits)).toContain(Math.abs(decoded[i]!));
            expect(Math.sign(decoded[i]!)).toSatisfy((sign) => sign === 0 || sign === Math.sign(value));
          });
          expect(decodeClear(bytes, plan, contextOf(values.length))).toEqual(decoded);
          expect(encodeClear(decoded, plan, contextOf(values.length)).decoded).toEqual(decoded);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are off by less than 2^-m of each value', () => {
    const values = normal(10_000, 3);
    for (const mantissaBits of [0, 3, 7, 10]) {
      const { decoded } = encodeClear(values, { ...PLAN, mantissaBits }, contextOf(values.length));
      const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(decoded[i]! / value - 1)), 0);
      expect(worst).toBeLessThan(2 ** -mantissaBits);
      expect(worst).toBeGreaterThan(0.9 * 2 ** -mantissaBits);
    }
  });

  it('never become infinite', () => {
    const values = new Float32Array(1000).fill(3.4028234663852886e38);
    for (const mantissaBits of [0, 7, 22]) {
      const { decoded } = encodeClear(values, { ...PLAN, mantissaBits }, contextOf(values.length));
      expect(new Set(decoded)).toEqual(new Set([2 ** 128 - 2 ** (127 - mantissaBits)]));
    }
  });

  it('take less than eleven bits each as bfloat16, because exponents are alike', () => {
    const values = normal(100_000, 3);
    expect(encodeClear(values, PLAN, contextOf(values.length)).bytes.length * 8).toBeLessThan(
      11 * values.length,
    );
  });
});

/** Magnitudes around |value| in the format of so many bits of mantissa, of which the lower holds when they are equal. */
function neighboursOf(value: number, mantissaBits: number): number[] {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value) || 2 ** -149)), -126);
  const unit =
    2 ** ((Math.abs(value) < 2 ** exponent && exponent > -126 ? exponent - 1 : exponent) - mantissaBits);
  const lower = Math.floor(Math.abs(value) / unit) * unit;
  const upper = lower === Math.abs(value) ? lower : lower + unit;
  return [lower, upper === 2 ** 128 ? lower : upper];
}
