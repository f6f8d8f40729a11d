/**
 * Examples per second of a training step (SGD, examples in memory) in workers of a real browser, beside tfjs in the same
 * browser and PyTorch on one thread, all with the same examples. The programs take turns, so that whatever else the
 * machine does slows each of them alike: trust the ratios more than the figures. `npm run bench training`.
 */
import { MEASURED_BACKENDS } from '@tributary/training/roofline';
import type { BenchmarkOptions, BenchmarkRow } from '../benchmark.ts';
import { type BenchmarkBrowser, openBrowser } from './browser.ts';
import { compare } from './compare.ts';
import { measureCosts } from './costs.ts';
import type { EngineName, Peaks } from './page/protocol.ts';
import { HOW_TO_INSTALL } from './pytorch.ts';
import { compareThreads } from './threads.ts';
import type { Workload } from './workload.ts';

const WORKLOADS: readonly Workload[] = (
  [
    ['mlp', 'digits'],
    ['mlp', 'dense'],
    ['mcmahan-cnn', 'digits'],
    ['mcmahan-cnn', 'dense'],
    ['separable-cnn', 'dense'],
    ['char-gru', 'text'],
    ['char-transformer', 'text'],
  ] as const
).flatMap(([model, data]) => [32, 10].map((batch) => ({ model, data, batch })));

const QUICK: readonly Workload[] = [
  { model: 'mlp', data: 'digits', batch: 32 },
  { model: 'mcmahan-cnn', data: 'digits', batch: 32 },
];

const PACE = { turns: 7, turnSeconds: 0.4, withSlow: true };
const QUICK_PACE = { turns: 3, turnSeconds: 0.1, withSlow: false };

export async function run({ quick }: BenchmarkOptions): Promise<BenchmarkRow[]> {
  const browser = await openBrowser();
  try {
    const peaks = new Map<EngineName, Peaks>();
    const rows: BenchmarkRow[] = [];
    for (const workload of quick ? QUICK : WORKLOADS) {
      if (!quick || peaks.size === 0) await raisePeaks(peaks, browser);
      process.stderr.write(`${workload.model}, ${workload.data}, batch ${workload.batch} ...\n`);
      rows.push(...(await compare(workload, { browser, pace: quick ? QUICK_PACE : PACE, peaks })));
    }
    process.stderr.write('memory, and what an update costs beside its steps ...\n');
    const costs = await measureCosts(browser, { quick });
    process.stderr.write('one thread against two ...\n');
    const threads = await compareThreads(browser, { quick });
    const hasPyTorch = rows.some(({ backend, note }) => backend === 'pytorch' && note === null);
    if (!hasPyTorch) process.stderr.write(`${HOW_TO_INSTALL}\n`);
    return [...rows, ...threads, ...costs];
  } finally {
    await browser.close();
  }
}

/** Again and again, and the highest counts: whatever else the machine does must not make our shares look better. */
async function raisePeaks(peaks: Map<EngineName, Peaks>, browser: BenchmarkBrowser): Promise<void> {
  for (const engine of MEASURED_BACKENDS) {
    const seen = await browser.peaks(engine);
    const known = peaks.get(engine) ?? seen;
    const higher = (left: number | null, right: number | null) =>
      left === null || right === null ? left : Math.max(left, right);
    peaks.set(engine, {
      multiplyAdds: higher(seen.multiplyAdds, known.multiplyAdds),
      matrixProduct: higher(seen.matrixProduct, known.matrixProduct),
    });
  }
}
