/** What a participant tells the page around it. */
import type {
  BackendReport,
  BlobHash,
  ErrorCode,
  Evaluation,
  ParticipationState,
  TrainingProgress,
} from '@tributary/fl-core';
import type { LedgerEntry } from './ledger/ledger-entry.ts';
import type { SecureSumReport } from './secure-sum/report.ts';

/** `pausing`: the round in progress is finished first. */
export type Pace = 'running' | 'pausing' | 'paused';

export interface ParticipantView {
  readonly participation: ParticipationState;
  readonly pace: Pace;
  /** Null until a trainer exists, which is when the first round needs one. */
  readonly backend: BackendReport | null;
}

/** How far the work of this round is. `fraction` is in [0, 1]. */
export type ParticipantProgress =
  | { readonly stage: 'downloading'; readonly fraction: number }
  | {
      readonly stage: 'training';
      readonly roundNumber: number;
      readonly fraction: number;
      readonly training: TrainingProgress;
    }
  | { readonly stage: 'uploading'; readonly roundNumber: number; readonly fraction: number };

/**
 * Accuracy on the person's own held-out examples. `before`: the global model that the round starts from (this one is
 * also sent to the coordinator); `after`: the model as trained here; `final`: the model of the completed run.
 */
export interface HeldOutEvaluation {
  readonly moment: 'before' | 'after' | 'final';
  /** Null for `final`. */
  readonly roundNumber: number | null;
  /** The model that was measured, or from which the local one started. */
  readonly modelHash: BlobHash;
  readonly evaluation: Evaluation;
}

/** Something went wrong; what can go on, goes on. `message` is for people and holds nothing private. */
export interface ParticipantFault {
  readonly code: ErrorCode;
  readonly message: string;
}

export interface ParticipantEvents {
  readonly state: ParticipantView;
  readonly progress: ParticipantProgress;
  readonly ledger: LedgerEntry;
  readonly evaluation: HeldOutEvaluation;
  /** In rounds with secure aggregation. */
  readonly secureSum: SecureSumReport;
  readonly error: ParticipantFault;
}
