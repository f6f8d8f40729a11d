/** What training costs beside its steps: the rest of an update, the page's patience, memory. */
import type { BuiltInModelSpec } from '@tributary/fl-core';
import { TYPICAL_MODELS, type TypicalModel } from '@tributary/training/roofline';
import type { BenchmarkOptions, BenchmarkRow } from '../benchmark.ts';
import { figure } from '../fastest.ts';
import type { BenchmarkBrowser } from './browser.ts';

const OVERHEAD_LIMIT = 0.05;
const LONGEST_TASK_SECONDS = 0.05;
/** The planner may foretell so much more than is taken, and never less. */
const PLANNED_LIMIT = 1.05;

export async function measureCosts(
  browser: BenchmarkBrowser,
  { quick }: BenchmarkOptions,
): Promise<BenchmarkRow[]> {
  const updates = quick ? (['mlp'] as const) : (['mlp', 'mcmahan-cnn'] as const);
  const rows: BenchmarkRow[] = [];
  for (const model of updates) rows.push(...(await updateCosts(browser, model, quick ? 3 : 5)));
  for (const backend of ['wasm', 'webgpu'] as const) {
    for (const [model, spec] of Object.entries(quick ? { mlp: TYPICAL_MODELS.mlp } : MODELS)) {
      rows.push(...(await memoryCosts(browser, { backend, model, spec })));
    }
  }
  return rows;
}

/** Every built-in model. */
const MODELS: Readonly<Record<string, BuiltInModelSpec>> = {
  'softmax-regression': { kind: 'softmax-regression', inputSize: 784, classes: 10 },
  ...TYPICAL_MODELS,
  'char-transformer, adapted': {
    ...TYPICAL_MODELS['char-transformer'],
    adaptation: { kind: 'lora', rank: 8, scale: 2, baseModel: '0'.repeat(64) },
  },
};

async function updateCosts(
  browser: BenchmarkBrowser,
  model: TypicalModel,
  turns: number,
): Promise<BenchmarkRow[]> {
  const { bareSeconds, updateSeconds, longestTaskMs } = await browser.update(model, turns);
  // The least disturbed turn of each: what an update costs, and not what else the machine did.
  const overhead = Math.min(...updateSeconds) / Math.min(...bareSeconds) - 1;
  const of = { model, backend: 'wasm' };
  const longest = longestTaskMs / 1000;
  return [
    cost({ ...of, measure: 'whole update over bare steps', value: overhead, limit: OVERHEAD_LIMIT }),
    cost({
      ...of,
      measure: 'longest task of the page, seconds',
      value: longest,
      limit: LONGEST_TASK_SECONDS,
    }),
  ];
}

async function memoryCosts(
  browser: BenchmarkBrowser,
  { backend, model, spec }: { backend: 'wasm' | 'webgpu'; model: string; spec: BuiltInModelSpec },
): Promise<BenchmarkRow[]> {
  // On a software GPU a thousand steps of a convolution would take hours.
  const steps = spec.kind === 'mlp' ? 1000 : 2;
  const use = await browser.memory(backend, spec, steps);
  if (!use) return [];
  const planned = use.planned / use.tracked;
  const foretold = {
    model,
    backend,
    measure: 'planned over held bytes',
    value: planned,
    limit: PLANNED_LIMIT,
  };
  const grown = { model, backend, measure: `bytes grown in ${steps} steps`, value: use.grown, limit: 0 };
  return [cost(foretold, planned >= 1), ...(steps > 2 ? [cost(grown)] : [])];
}

interface Cost {
  readonly model: string;
  readonly backend: string;
  readonly measure: string;
  readonly value: number;
  readonly limit: number;
}

const cost = (measured: Cost, isRight = true): BenchmarkRow => ({
  ...measured,
  value: figure(measured.value),
  isWithin: isRight && measured.value <= measured.limit,
});
