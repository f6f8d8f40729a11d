/**
 * What each code loses and how fast it is. Losses are measured for normal, log-normal and Student-t coordinates and for an
 * update of a real training, beside what was published or what theory allows; speeds in Node and in a worker of a real
 * Chromium. `npm run bench compression`; see README.md.
 */
import type { BenchmarkOptions, BenchmarkRow } from '../benchmark.ts';
import { browserSpeeds } from './browser-speeds.ts';
import { clearErrors } from './clear-errors.ts';
import { type MeanCase, meanErrors } from './mean-errors.ts';
import { measureSpeeds } from './speeds.ts';
import { uniformErrors } from './uniform-errors.ts';
import { drawnVectors, realDelta } from './vectors.ts';

const MEANS: readonly MeanCase[] = [
  { length: 2 ** 16, alignment: 'uncorrelated' },
  { length: 2 ** 16, alignment: 'half-aligned' },
  { length: 2 ** 16, alignment: 'identical' },
  { length: 2 ** 20, alignment: 'uncorrelated' },
];

export async function run({ quick, data }: BenchmarkOptions): Promise<BenchmarkRow[]> {
  const lengths = quick ? [2 ** 16] : [2 ** 16, 2 ** 20];
  const vectors = [...lengths.flatMap(drawnVectors), await realDelta(data)];
  const repeats = quick ? 7 : 25;
  return [
    ...vectors.flatMap((vector) => [...clearErrors(vector), ...uniformErrors(vector)]),
    ...(quick ? MEANS.slice(0, 1) : MEANS).flatMap(meanErrors),
    ...measureSpeeds({ runtime: `Node ${process.versions.node}`, repeats }),
    ...(await browserSpeeds(repeats)),
  ];
}
