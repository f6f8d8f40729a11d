/** One dense network with its optimiser: what the training loop drives. */
import type { ClientOptimiser, DenseModelSpec, ExampleSet } from '@tributary/fl-core';

export interface DenseEngine {
  /** Copies flat parameters and optimiser vectors in; absent vectors start at zero. */
  load(parameters: Float32Array, optimiserState: readonly Float32Array[]): void;
  /** Copies; the caller owns them. */
  parameters(): Float32Array;
  optimiserState(): Float32Array[];
  /**
   * One optimiser step, number `step` counted from 1, on the examples whose indices are in `batch`.
   * @returns cross-entropy summed over the batch before the step, in nats
   */
  step(examples: ExampleSet, batch: Int32Array, step: number): number;
  /** Logits of `count` examples from index `from`: a row of `classes` values each, valid until the next call. */
  predict(examples: ExampleSet, from: number, count: number): Float32Array;
}

export interface DenseEngineSpec {
  readonly model: DenseModelSpec;
  readonly optimiser: ClientOptimiser;
  readonly batchSize: number;
}

export type CreateDenseEngine = (spec: DenseEngineSpec) => DenseEngine;
