/**
 * The aggregator's inner loop: weighted sums that are exact, so that the order of arrival cannot change a bit.
 * Integers kept in a Float64Array, as the project does, against BigInt64Array, against an inexact float sum,
 * and against what the memory allows (a copy of the accumulator).
 */
import { accumulate, fixedPointFor } from '@tributary/compression';
import { seededRandom, unitInterval } from '@tributary/fl-core';
import type { BenchmarkOptions, BenchmarkRow } from './benchmark.ts';
import { fastest, figure } from './fastest.ts';

const WEIGHT = 600;
/** A sum reads a float32 and reads and writes a float64; a copy reads and writes a float64. */
const BYTES_PER_VALUE = { sum: 20, copy: 16 };

export function run({ quick }: BenchmarkOptions): BenchmarkRow[] {
  const sizes = quick ? [199_210] : [199_210, 1_663_370];
  return sizes.flatMap((size) => measure(size, quick ? 5 : 25));
}

function measure(size: number, repeats: number): BenchmarkRow[] {
  const random = seededRandom('aggregate');
  const update = Float32Array.from({ length: size }, () => 0.1 * (unitInterval(random) - 0.5));
  const fixedPoint = fixedPointFor({ valueBound: 32, totalWeight: 130_000 })!;
  const scale = 2 ** fixedPoint.fractionalBits;
  const floatSum = new Float64Array(size);
  const bigSum = new BigInt64Array(size);
  const inexactSum = new Float64Array(size);
  const copy = new Float64Array(size);

  const row = (method: string, isExact: boolean | null, seconds: number): BenchmarkRow => ({
    method,
    isExact,
    values: size,
    nanosecondsPerValue: figure((seconds / size) * 1e9),
    gigabytesPerSecond: figure((size * BYTES_PER_VALUE[isExact === null ? 'copy' : 'sum']) / seconds / 1e9),
    updatesPerSecond: isExact === null ? null : figure(1 / seconds),
  });
  const exact = fastest(repeats, () => accumulate(floatSum, update, { weight: WEIGHT, fixedPoint }));
  const bigInts = fastest(repeats, () => accumulateBigInts(bigSum, update, scale));
  const inexact = fastest(repeats, () => accumulateInexactly(inexactSum, update));
  return [
    row('integers in Float64Array (used)', true, exact),
    row('BigInt64Array', true, bigInts),
    row('plain float64 sum', false, inexact),
    row(
      'copy of the accumulator',
      null,
      fastest(repeats, () => copy.set(floatSum)),
    ),
  ];
}

function accumulateBigInts(sum: BigInt64Array, values: Float32Array, scale: number): void {
  const weight = BigInt(WEIGHT);
  for (let i = 0; i < sum.length; i += 1) sum[i] = sum[i]! + weight * BigInt(Math.round(values[i]! * scale));
}

function accumulateInexactly(sum: Float64Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; i += 1) sum[i] = sum[i]! + WEIGHT * values[i]!;
}
