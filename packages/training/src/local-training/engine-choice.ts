/** Which engine a request needs: its model, and as many examples per pass as memory allows. */
import {
  type BuiltInModelSpec,
  type ClientOptimiser,
  type LocalTraining,
  labelsPerExample,
  type ModelSpec,
  modelClasses,
  type TrainResult,
  TributaryError,
} from '@tributary/fl-core';
import type { EngineKind } from '../network/engine-kind.ts';
import { examplesPerPassWithin } from '../network/memory-plan.ts';
import { networkOf } from '../network/network-of.ts';
import type { EngineWish } from './engine-lending.ts';

/** Of training or evaluating one model: what half of the address space of WebAssembly has room for. */
export const DEFAULT_BUDGET_BYTES = 2 ** 31;
/** Logits that are read at once, in values. */
const CHUNK_LOGITS = 262_144;
/** Evaluation never steps. */
const NO_OPTIMISER: ClientOptimiser = { kind: 'sgd', learningRate: 1 };

export interface MemoryBudget {
  /** The most that one engine may take; smaller passes give the same gradient and take less. */
  readonly memoryBudgetBytes?: number;
}

/** @throws TributaryError `model-unsupported` */
export function engineForTraining(
  kind: EngineKind,
  model: BuiltInModelSpec,
  training: LocalTraining,
  budget: MemoryBudget,
): EngineWish {
  const { optimiser, batchSize, exampleClipping: clipping = null } = training;
  const precision = trainsMixed(kind, training) ? 'mixed' : 'float32';
  const most = Math.min(batchSize, kind.largestPass, clipping?.microbatchSize ?? batchSize);
  return withinBudget(kind, { model, optimiser, batchSize, clipping, precision }, most, budget);
}

/** Why an engine of this kind does not train in the precision that was asked for; null where it does. */
export function precisionPassedOver(
  kind: EngineKind,
  training: LocalTraining,
): TrainResult['precisionPassedOver'] | null {
  if (training.precision !== 'mixed' || trainsMixed(kind, training)) return null;
  return { name: 'mixed', reason: `the engine on ${kind.adapter} trains in float32 only` };
}

const trainsMixed = (kind: EngineKind, { precision }: LocalTraining): boolean =>
  precision === 'mixed' && kind.mixedLayout !== undefined;

/** Its passes are as many examples as should be evaluated at once. @throws TributaryError `model-unsupported` */
export function engineForEvaluation(
  kind: EngineKind,
  model: BuiltInModelSpec,
  budget: MemoryBudget,
): EngineWish {
  const fitting = Math.floor(CHUNK_LOGITS / (modelClasses(model) * labelsPerExample(model)));
  const most = Math.max(1, Math.min(kind.largestPass, fitting));
  const wish = {
    model,
    optimiser: NO_OPTIMISER,
    batchSize: most,
    clipping: null,
    onlyPredicts: true,
  } as const;
  const within = withinBudget(kind, wish, most, budget);
  return { ...within, batchSize: within.examplesPerPass };
}

function withinBudget(
  kind: EngineKind,
  wish: Omit<EngineWish, 'examplesPerPass'>,
  most: number,
  { memoryBudgetBytes = DEFAULT_BUDGET_BYTES }: MemoryBudget,
): EngineWish {
  const plan = (): number => {
    const network = networkOf(wish.model);
    const layout = wish.precision === 'mixed' ? kind.mixedLayout!(network) : kind.layout;
    return examplesPerPassWithin({ ...wish, network, layout }, { most, budgetBytes: memoryBudgetBytes });
  };
  const key = JSON.stringify([wish, most, memoryBudgetBytes]);
  return { ...wish, examplesPerPass: planned(kind, key, plan) };
}

/** A simulation asks the same thousands of times, and a plan costs as much as some steps of a small model. */
const plans = new WeakMap<EngineKind, Map<string, number>>();
const MAXIMUM_PLANS = 64;

function planned(kind: EngineKind, key: string, plan: () => number): number {
  const known = plans.get(kind) ?? new Map<string, number>();
  plans.set(kind, known);
  const found = known.get(key) ?? plan();
  if (known.size >= MAXIMUM_PLANS) known.clear();
  known.set(key, found);
  return found;
}

/** @throws TributaryError `model-unsupported` */
export function requireBuiltIn(model: ModelSpec): BuiltInModelSpec {
  if (model.kind !== 'layers') return model;
  throw new TributaryError('model-unsupported', 'uploaded layers models train on tfjs only');
}
