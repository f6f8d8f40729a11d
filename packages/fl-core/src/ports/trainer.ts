/** The port through which a round trains: implemented by engines of our own, and with tfjs for uploaded models. */

import type { ParameterSet } from '../parameters.ts';
import type { LocalTraining } from '../task/local-training.ts';
import type { ModelSpec } from '../task/model.ts';
import type { StopSignal } from './stop-signal.ts';

/**
 * Examples ready for a model. `inputs` holds `count` rows of `product(inputShape)` values. `labels` holds
 * `labelsPerExample` class indices per row (1 for classification, the sequence length for a character model).
 * The trainer reads these arrays and never writes them.
 */
export interface ExampleSet {
  readonly count: number;
  readonly inputShape: readonly number[];
  readonly inputs: Float32Array;
  readonly labelsPerExample: number;
  readonly labels: Int32Array;
}

/**
 * Examples that are read portion by portion while they train, because there are more than a device should hold at once.
 * Portions together are one set; which of them come first does not matter.
 */
export interface ExampleStream {
  readonly count: number;
  readonly inputShape: readonly number[];
  readonly labelsPerExample: number;
  /** Examples in each portion, in the order in which `read` numbers them from 0. */
  readonly portionSizes: readonly number[];
  /**
   * In memory of its own, which belongs to who reads it.
   * @throws TributaryError `conflict` when the examples changed meanwhile, `data-unreadable`
   */
  read(portion: number): Promise<ExamplePortion>;
}

export interface ExamplePortion extends ExampleSet {
  /** How long it was read, from who knows better than the one who waits: a thread that trains hears late of the end. */
  readonly readMs?: number;
}

export type BackendName = 'webgpu' | 'webgl' | 'wasm' | 'cpu' | 'plain';

/** Which backend trains here, and for each better one why it does not. */
export interface BackendReport {
  readonly name: BackendName;
  /** Adapter or device as the platform names it, e.g. `swiftshader`; empty when it says nothing. */
  readonly adapter: string;
  readonly passedOver: readonly PassedOverBackend[];
  /** Backends that were lost while they worked here, oldest first; absent while none was. */
  readonly losses?: readonly BackendLoss[];
}

export interface PassedOverBackend {
  readonly name: BackendName;
  readonly reason: string;
  /** Of which the self-test found that it computes something else: an operation, the loss, an optimiser. */
  readonly kernel?: string;
}

/** Its device was lost, or its engine died. What it trained went on from the last checkpoint. */
export interface BackendLoss {
  readonly name: BackendName;
  readonly reason: string;
  /** On the same backend, opened again; or on the one that the report names now. */
  readonly outcome: 'reopened' | 'passed-over';
}

export interface TrainRequest<Examples extends ExampleSet | ExampleStream = ExampleSet> {
  readonly model: ModelSpec;
  readonly initial: ParameterSet;
  /** What an adapted model keeps as it is, in the shapes of `frozenShapes`; absent for all others. */
  readonly frozen?: ParameterSet;
  readonly examples: Examples;
  readonly training: LocalTraining;
  /** Seeds the order of examples: same seed, same backend, same result. */
  readonly seed: string;
  /** Continues after this many finished epochs with these parameters. */
  readonly resumeFrom?: TrainingCheckpoint;
}

/** With examples that are held, or read while they train. */
export type AnyTrainRequest = TrainRequest<ExampleSet | ExampleStream>;

/** Parameters (and optimiser state) after `epochsDone` whole epochs. */
export interface TrainingCheckpoint {
  readonly epochsDone: number;
  readonly parameters: Float32Array;
  readonly optimiserState: readonly Float32Array[];
  readonly stepsDone: number;
}

export interface TrainingProgress {
  readonly epoch: number;
  readonly epochs: number;
  readonly examplesDone: number;
  readonly examplesTotal: number;
  /** Mean loss over the batches since the last progress; NaN before the first. */
  readonly loss: number;
  readonly examplesPerSecond: number;
}

export interface TrainResult {
  /** Trained parameters; the caller owns them. */
  readonly parameters: ParameterSet;
  readonly examplesTrained: number;
  /** How often each of them trained in an epoch, on average, where data echoing may have repeated them. */
  readonly meanEcho?: number;
  readonly meanLoss: number;
  /** Why the training ran in float32, where mixed precision was asked for. */
  readonly precisionPassedOver?: { readonly name: 'mixed'; readonly reason: string };
  readonly seconds: number;
}

export interface Evaluation {
  readonly exampleCount: number;
  /** Fraction in [0, 1]. For a character model: fraction of characters predicted right. */
  readonly accuracy: number;
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** Row-major `classes x classes` counts, true class by row; empty for character models. */
  readonly confusion: readonly number[];
}

/** What a model says about each label of some examples: one row per label, in their order. */
export interface Predictions {
  readonly classes: number;
  /** The likeliest class of each row; the lowest of several that are equally likely. */
  readonly predicted: Int32Array;
  /** Row-major, `classes` probabilities per row. */
  readonly probabilities: Float32Array;
}

export interface TrainOptions {
  /** Stops within a second; the promise rejects with `training-stopped`. */
  readonly signal?: StopSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
  readonly onCheckpoint?: (checkpoint: TrainingCheckpoint) => void;
  /** An epoch that ends sooner after the last checkpoint gives none. Absent: every epoch gives one. */
  readonly checkpointEveryMs?: number;
  /** Without one, training works all the time. What comes out does not depend on it. */
  readonly workLimit?: WorkLimit;
}

/** How much of the time a device may work. It may change while it trains, and counts from then on. */
export interface WorkLimit {
  /** Work over work and rest, in (0, 1]. */
  readonly dutyCycle: number;
  /** Returns what takes the listener off again. */
  onChange(listener: () => void): () => void;
}

export interface EvaluateRequest {
  readonly model: ModelSpec;
  readonly parameters: ParameterSet;
  /** As in `TrainRequest`. */
  readonly frozen?: ParameterSet;
  readonly examples: ExampleSet;
}

export interface Trainer {
  /** Another one after a backend was lost. */
  readonly backend: BackendReport;
  /** @throws TributaryError `training-stopped`, `training-diverged`, `model-unsupported`, `data-invalid` */
  train(request: AnyTrainRequest, options?: TrainOptions): Promise<TrainResult>;
  evaluate(request: EvaluateRequest, options?: { readonly signal?: StopSignal }): Promise<Evaluation>;
  /** What `evaluate` counts, example by example. */
  predict(request: EvaluateRequest, options?: { readonly signal?: StopSignal }): Promise<Predictions>;
  dispose(): Promise<void>;
}
