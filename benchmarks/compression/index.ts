/**
 * What each code loses and how fast it is. Losses are measured for normal, log-normal and Student-t coordinates and for an
 * update of a real training, beside what was published or what theory allows; speeds in Node and in a worker of a real
 * Chromium. `npm run bench compression`; see README.md.
 */
import type { BenchmarkOptions, BenchmarkRow } from '../benchmark.ts';
import { browserSpeeds } from './browser-speeds.ts';
import { clearErrors } from './clear-errors.ts';
import { measureSpeeds } from './speeds.ts';
import { uniformErrors } from './uniform-errors.ts';
import { drawnVectors, realDelta } from './vectors.ts';

export async function run({ quick, data }: BenchmarkOptions): Promise<BenchmarkRow[]> {
  const lengths = quick ? [2 ** 16] : [2 ** 16, 2 ** 20];
  const vectors = [...lengths.flatMap(drawnVectors), await realDelta(data)];
  const repeats = quick ? 7 : 25;
  return [
    ...vectors.flatMap((vector) => [...clearErrors(vector), ...uniformErrors(vector)]),
    ...measureSpeeds({ runtime: `Node ${process.versions.node}`, repeats }),
    ...(await browserSpeeds(repeats)),
  ];
}
