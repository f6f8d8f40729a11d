/** The port to the coordinator's memory: runs, rounds, and who contributed. */
import type {
  BlobHash,
  ClientId,
  Instant,
  RoundSummary,
  RunId,
  RunState,
  TaskManifest,
} from '@tributary/fl-core';
import type { RoundTotals } from './round-totals.ts';

/** A run as it must be found again after a crash. */
export interface StoredRun {
  readonly runId: RunId;
  readonly createdAt: Instant;
  readonly manifest: TaskManifest;
  readonly state: RunState;
  /** Moments of the server optimiser that belong to `state.modelHash`; null before the first commit. */
  readonly optimiserHash: BlobHash | null;
  readonly tally: RoundTally;
}

/** What is counted while a round runs and is not part of its rules. */
export interface RoundTally {
  /** Which round these counts belong to, as stamped when stored. */
  readonly roundNumber: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Sums over participants' evaluations of the round's starting model; weights are example counts. */
  readonly evaluatedWeight: number;
  readonly evaluatedCorrect: number;
}

export interface RoundRecord {
  readonly state: RunState;
  readonly summary: RoundSummary;
  /** With a committed round only. */
  readonly commit: {
    readonly modelHash: BlobHash;
    readonly optimiserHash: BlobHash;
    readonly accepted: readonly AcceptedUpdate[];
  } | null;
}

export interface AcceptedUpdate {
  readonly clientId: ClientId;
  readonly updateHash: BlobHash;
}

export interface Contribution {
  readonly acceptedUpdates: number;
  readonly lastRoundNumber: number;
  readonly lastUpdateHash: BlobHash;
}

/** What is known of a run's finished rounds without reading them. */
export interface RunProgress {
  /** Grows with every change to a finished round. */
  readonly revision: number;
  /** Over all of them, superseded ones included. */
  readonly totals: RoundTotals;
  /** Of the newest measured round that is not superseded. */
  readonly accuracy: number | null;
}

/** A model that a committed round left; round 0 is the first model. */
export interface StoredModel {
  readonly roundNumber: number;
  readonly modelHash: BlobHash;
  /** Moments of the server optimiser after that round; null when there were none, or when they were not kept. */
  readonly optimiserHash: BlobHash | null;
  /** Committed rounds up to this one that lead to it. */
  readonly committedRounds: number;
  /** A roll back left it behind. */
  readonly isSuperseded: boolean;
}

export interface RollBackRecord {
  readonly state: RunState;
  readonly tally: RoundTally;
  readonly toRound: number;
  /** Of the model of that round. */
  readonly optimiserHash: BlobHash | null;
}

/** Every promise resolves when its change would survive a power cut. */
export interface RunStore {
  /** The initial model becomes servable with it. */
  createRun(run: StoredRun): Promise<void>;
  runs(): Promise<readonly StoredRun[]>;
  saveState(runId: RunId, state: RunState, tally: RoundTally): Promise<void>;
  /** State, round, model and contributions, in one transaction; the tally starts anew. */
  recordRound(runId: RunId, record: RoundRecord): Promise<void>;
  recordEvaluation(
    runId: RunId,
    roundNumber: number,
    result: { readonly accuracy: number; readonly loss: number },
  ): Promise<void>;
  /** State, optimiser, and that later rounds are superseded, in one transaction. */
  recordRollBack(runId: RunId, record: RollBackRecord): Promise<void>;
  /** Oldest first; only those that changed after revision `since`, if given. */
  rounds(runId: RunId, since?: number): Promise<readonly RoundSummary[]>;
  progress(runId: RunId): Promise<RunProgress>;
  /** The model that this round left, or `newest` of those not superseded; null when the round left none. */
  modelAfter(runId: RunId, round: number | 'newest'): Promise<StoredModel | null>;
  /** Superseded ones included; newest first, at most so many. */
  newestModels(runId: RunId, count: number): Promise<readonly BlobHash[]>;
  /** Of these clients; whoever contributed nothing is missing. */
  contributions(runId: RunId, clientIds: readonly ClientId[]): Promise<ReadonlyMap<ClientId, Contribution>>;
  /** How many clients ever contributed. */
  contributors(runId: RunId): Promise<number>;
  /** Null when nothing of this client was ever accepted. */
  contributionOf(runId: RunId, clientId: ClientId): Promise<Contribution | null>;
  /** Whether a blob of this hash is a model, the only kind of blob that is served. */
  isModel(hash: BlobHash): Promise<boolean>;
}

export function emptyTally(): RoundTally {
  return { roundNumber: 0, bytesUp: 0, bytesDown: 0, evaluatedWeight: 0, evaluatedCorrect: 0 };
}
