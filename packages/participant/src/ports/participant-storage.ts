/**
 * What a device remembers between reloads. Each run has one slot for the model, one for the training checkpoint
 * and one for the update: a participant is in at most one round of a run, so a newer round replaces the older.
 */
import type { BlobHash, ParticipationState, RunId, TrainingCheckpoint } from '@tributary/fl-core';
import type { DeviceKey } from '../identity/device-key.ts';
import type { LedgerEntry } from '../ledger/ledger-entry.ts';

export interface StoredModel {
  readonly runId: RunId;
  readonly roundNumber: number;
  readonly modelHash: BlobHash;
  /** The frame as downloaded, already proved to have this hash. */
  readonly frame: Uint8Array;
}

export interface StoredCheckpoint {
  readonly runId: RunId;
  readonly roundNumber: number;
  readonly modelHash: BlobHash;
  readonly checkpoint: TrainingCheckpoint;
}

export interface StoredUpdate {
  readonly runId: RunId;
  readonly roundNumber: number;
  readonly updateHash: BlobHash;
  readonly exampleCount: number;
  /** The frame exactly as it is uploaded. */
  readonly frame: Uint8Array;
}

/**
 * Values are copied on the way in and on the way out. Every method rejects with TributaryError `storage-full`
 * when the device has no room left.
 */
export interface ParticipantStorage {
  /**
   * The device key. Where there is none yet, the one that `create` makes is kept; if another tab was quicker, that
   * tab's is.
   */
  deviceKey(create: () => Promise<DeviceKey>): Promise<DeviceKey>;

  loadParticipation(runId: RunId): Promise<ParticipationState | null>;
  saveParticipation(runId: RunId, state: ParticipationState): Promise<void>;

  loadModel(runId: RunId, modelHash: BlobHash): Promise<StoredModel | null>;
  saveModel(model: StoredModel): Promise<void>;

  /** Only a checkpoint of this very round and model is of use; any other is as good as none. */
  loadCheckpoint(key: Omit<StoredCheckpoint, 'checkpoint'>): Promise<StoredCheckpoint | null>;
  saveCheckpoint(checkpoint: StoredCheckpoint): Promise<void>;

  loadUpdate(runId: RunId, roundNumber: number): Promise<StoredUpdate | null>;
  saveUpdate(update: StoredUpdate): Promise<void>;

  /** Frees what was kept for this round: model, checkpoint, update. What was sent stays in `lastSentUpdate`. */
  forgetRound(runId: RunId, roundNumber: number): Promise<void>;

  /** The exact bytes of the newest upload of a run, so that a person can look at what left the device. */
  lastSentUpdate(runId: RunId): Promise<StoredUpdate | null>;
  keepSentUpdate(update: StoredUpdate): Promise<void>;

  appendToLedger(entries: readonly LedgerEntry[]): Promise<void>;
  /** In the order in which they were appended. */
  readLedger(): Promise<readonly LedgerEntry[]>;

  /** Forgets everything, the device identity included: for the next check-in this is another device. */
  erase(): Promise<void>;
}
