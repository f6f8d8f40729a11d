/** Where a code has no bias, its error has a mean of 0: over a million values it is within 4 standard errors. */
import { type ClearPlanLike, encodeClear } from '@tributary/compression';
import { expect, it } from 'vitest';
import { contextOf, deviationOfMean, HEAVY_TAILED, normal } from './samples.ts';

const feedback = { mode: 'off' } as const;
const MILLION = 1_000_000;

it.each([0, 4, 7, 12])('floats truncated to %i bits have no bias', (mantissaBits) => {
  expectNoBias(normal(MILLION, 17), { codec: 'truncated', mantissaBits, feedback });
});

it.each([1, 4, 8])('codebooks of %i bits have no bias', (bits) => {
  expectNoBias(HEAVY_TAILED.Laplace!(MILLION, 11), { codec: 'codebook', bits, feedback });
});

it.each([
  [1, 1],
  [2, 0.5],
  [4, 1],
])('EDEN at %i bits of a share of %f has no bias, over 100 rotations', (bits, fraction) => {
  expectNoBias(HEAVY_TAILED.Laplace!(MILLION / 100, 3), {
    codec: 'eden',
    bits,
    fraction,
    adaptive: false,
    feedback,
  });
});

/** Neither up or down, nor towards or away from 0. */
function expectNoBias(values: Float32Array, plan: ClearPlanLike): void {
  const [up, away] = [new Float64Array(MILLION), new Float64Array(MILLION)];
  for (let from = 0; from < MILLION; from += values.length) {
    const { decoded } = encodeClear(values, plan, contextOf(values.length, 1 + from));
    for (let i = 0; i < values.length; i += 1) {
      up[from + i] = decoded[i]! - values[i]!;
      away[from + i] = up[from + i]! * Math.sign(values[i]!);
    }
  }
  expect(deviationOfMean(up)).toBeLessThan(4);
  expect(deviationOfMean(away)).toBeLessThan(4);
}
