/** The port to the coordinator's memory: runs, rounds, who contributed, and the hashes that open doors. */
import type {
  BlobHash,
  ClientId,
  Instant,
  RoundSummary,
  RunId,
  RunState,
  TaskManifest,
} from '@tributary/fl-core';

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
  /** Oldest first. */
  rounds(runId: RunId): Promise<readonly RoundSummary[]>;
  contributions(runId: RunId): Promise<ReadonlyMap<ClientId, Contribution>>;
  /** Null when nothing of this client was ever accepted. */
  contributionOf(runId: RunId, clientId: ClientId): Promise<Contribution | null>;
  /** Whether a blob of this hash is a model, the only kind of blob that is served. */
  isModel(hash: BlobHash): Promise<boolean>;

  /** Hex SHA-256 of the operator token; null before the first start. */
  operatorTokenHash(): Promise<string | null>;
  saveOperatorTokenHash(hash: string): Promise<void>;
  /** Sessions, by the hex SHA-256 of their cookie. */
  saveSession(hash: string, expiresAt: Instant): Promise<void>;
  isSession(hash: string, at: Instant): Promise<boolean>;
  deleteSession(hash: string): Promise<void>;
  /** A new operator token ends every session. */
  deleteAllSessions(): Promise<void>;
}

export function emptyTally(): RoundTally {
  return { roundNumber: 0, bytesUp: 0, bytesDown: 0, evaluatedWeight: 0, evaluatedCorrect: 0 };
}
