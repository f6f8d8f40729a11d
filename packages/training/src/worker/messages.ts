/** What the caller's side and the worker's side of a trainer say to each other. */
import {
  type BackendReport,
  type ErrorCode,
  type EvaluateRequest,
  type Evaluation,
  type ExamplePortion,
  type ExampleStream,
  errorCodeOf,
  type ParameterSet,
  type Predictions,
  type TrainingCheckpoint,
  type TrainingProgress,
  type TrainRequest,
  type TrainResult,
} from '@tributary/fl-core';
import type { SelfTestMemory, SelfTestOutcome } from '../backends/trainer-ports.ts';
import type { TrainerOptions } from '../create-trainer.ts';
import type { ThreadDuty } from '../wasm-threads/thread.ts';

/** Numbers a call within one worker. */
export type CallId = number;

/** A request whose frozen parameters the worker has already. */
export type Unfrozen<Request extends { readonly frozen?: ParameterSet }> = Omit<Request, 'frozen'> & {
  readonly onBase: boolean;
};

/** What the worker must know of a stream before it asks for portions; reading stays with the caller. */
export type StreamOutline = Omit<ExampleStream, 'read'>;

export type SentTrainRequest =
  | Unfrozen<TrainRequest>
  | (Unfrozen<Omit<TrainRequest, 'examples'>> & { readonly examples: StreamOutline });

export type MessageToWorker =
  | {
      readonly type: 'open';
      readonly options: TrainerOptions;
      /** Absent: nobody keeps outcomes. */
      readonly knownSelfTests?: SelfTestMemory['known'];
    }
  /** Goes with every later request that has an `onBase`, instead of once more with each. */
  | { readonly type: 'base'; readonly frozen: ParameterSet }
  | {
      readonly type: 'train';
      readonly call: CallId;
      readonly request: SentTrainRequest;
      /** Checkpoints cost a copy of the model each epoch, so they come only when somebody listens. */
      readonly wantsCheckpoints: boolean;
      readonly checkpointEveryMs: number;
      readonly dutyCycle: number;
    }
  | { readonly type: 'workLimit'; readonly call: CallId; readonly dutyCycle: number }
  | { readonly type: 'evaluate'; readonly call: CallId; readonly request: Unfrozen<EvaluateRequest> }
  | { readonly type: 'predict'; readonly call: CallId; readonly request: Unfrozen<EvaluateRequest> }
  /** The answer to `portionWanted`. */
  | {
      readonly type: 'portion';
      readonly call: CallId;
      readonly portion: number;
      readonly examples: ExamplePortion;
    }
  | {
      readonly type: 'portionFailed';
      readonly call: CallId;
      readonly portion: number;
      readonly error: WireError;
    }
  | { readonly type: 'stop'; readonly call: CallId }
  /** Instead of `open`: from now on this worker is a thread of another's training, and answers no more messages. */
  | { readonly type: 'beginThread'; readonly duty: ThreadDuty };

export type MessageFromWorker =
  | { readonly type: 'opened'; readonly backend: BackendReport }
  | { readonly type: 'openFailed'; readonly error: WireError }
  | { readonly type: 'selfTested'; readonly key: string; readonly outcome: SelfTestOutcome }
  /** Another one than before, because that one was lost, or its threads. */
  | { readonly type: 'backend'; readonly backend: BackendReport }
  | { readonly type: 'threadReady' }
  | { readonly type: 'progress'; readonly call: CallId; readonly progress: TrainingProgress }
  | { readonly type: 'portionWanted'; readonly call: CallId; readonly portion: number }
  | { readonly type: 'checkpoint'; readonly call: CallId; readonly checkpoint: TrainingCheckpoint }
  | { readonly type: 'trained'; readonly call: CallId; readonly result: TrainResult }
  | { readonly type: 'evaluated'; readonly call: CallId; readonly evaluation: Evaluation }
  | { readonly type: 'predicted'; readonly call: CallId; readonly predictions: Predictions }
  | { readonly type: 'failed'; readonly call: CallId; readonly error: WireError };

/** Errors lose their class on the way through `postMessage`. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
}

export function wireError(error: unknown): WireError {
  return { code: errorCodeOf(error), message: error instanceof Error ? error.message : String(error) };
}
