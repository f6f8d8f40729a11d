/** One thread against two: a model that takes them, and one whose steps are too short. */
import type { BenchmarkOptions, BenchmarkRow } from '../benchmark.ts';
import { figure } from '../fastest.ts';
import type { BenchmarkBrowser } from './browser.ts';
import { median, ratio } from './turns.ts';
import type { Workload } from './workload.ts';

const WORKLOADS: readonly (Workload & { readonly epochs: number })[] = [
  { model: 'mcmahan-cnn', data: 'digits', batch: 32, epochs: 2 },
  { model: 'mlp', data: 'digits', batch: 32, epochs: 40 },
];

export async function compareThreads(
  browser: BenchmarkBrowser,
  { quick }: BenchmarkOptions,
): Promise<BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  for (const { epochs, ...workload } of WORKLOADS) {
    const times = await browser.threads(workload, quick ? 3 : 11, epochs);
    const [alone] = times;
    for (const { maximumThreads, adapter, secondsPerExample } of times) {
      rows.push({
        ...workload,
        backend: adapter,
        maximumThreads,
        examplesPerSecond: figure(1 / median(secondsPerExample)),
        fastest: figure(1 / Math.min(...secondsPerExample)),
        ratioToOneThread: ratio(alone!.secondsPerExample, secondsPerExample),
      });
    }
  }
  return rows;
}
