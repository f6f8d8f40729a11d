/** What runs a network: one engine per kind of processor. The training loop drives all of them alike. */
import type { ClientOptimiser, ExampleSet, TrainingPrecision } from '@tributary/fl-core';
import type { Network } from './network.ts';

/** Engines on the calling thread answer at once; those on a GPU when it has got there. */
export type Settling<Result> = Result | Promise<Result>;

/**
 * Bounds what one example (or a few) can do to a step, as example-level DP-SGD wants it (Abadi et al. 2016, algorithm 1): the
 * gradient of every `microbatchSize` examples, a mean over them, is scaled to at most `clippingNorm` (L2, over all trained
 * parameters) before the mean over the microbatches is taken.
 */
export interface GradientClipping {
  readonly clippingNorm: number;
  readonly microbatchSize: number;
}

export interface EngineSpec {
  readonly network: Network;
  /** Only of engines whose kind has a `mixedLayout`; without a word `float32`. */
  readonly precision?: TrainingPrecision;
  readonly optimiser: ClientOptimiser;
  /** The largest batch that `step` will be given. */
  readonly batchSize: number;
  readonly clipping: GradientClipping | null;
  /**
   * Examples per pass, at most `batchSize`: a larger batch adds up its gradient over several passes. The memory planner
   * chooses it.
   */
  readonly examplesPerPass: number;
  /** Never steps, so what only steps need may be left out. */
  readonly onlyPredicts?: true;
}

export interface Engine {
  /** Bytes that it holds: all of its memory is taken when it is made. */
  readonly bytes: number;
  /**
   * Copies flat parameters and optimiser vectors in; absent vectors start at zero. `frozen` is empty for models that
   * train all of their parameters.
   */
  load(parameters: Float32Array, optimiserState: readonly Float32Array[], frozen: Float32Array): void;
  /**
   * One optimiser step, number `step` counted from 1, on the examples whose indices are in `batch`; only queued on a GPU.
   * The set may be kept (on a GPU: uploaded once) as long as the same object comes again.
   */
  step(examples: ExampleSet, batch: Int32Array, step: number): void;
  /**
   * Cross-entropy of the steps since the last call, summed over examples (mean over the labels within one), in nats. The only
   * thing that is read back within an epoch.
   */
  takeLoss(): Settling<number>;
  /** Logits of `count` examples from index `from`, a row of `classes` values per label; valid until the next call. */
  predict(examples: ExampleSet, from: number, count: number): Settling<Float32Array>;
  /** Copies; the caller owns them. */
  parameters(): Settling<Float32Array>;
  optimiserState(): Settling<Float32Array[]>;
  dispose(): void;
}
