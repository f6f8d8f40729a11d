/**
 * What a device remembers between reloads. Each run has one slot for the model, one for the training checkpoint
 * and one for the update: a participant is in at most one round of a run, so a newer round replaces the older.
 */
import type { CodecMemory } from '@tributary/compression';
import type { BlobHash, ParticipationState, RunId, TrainingCheckpoint, UpdateFate } from '@tributary/fl-core';
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

/** A person takes part in few runs at once; a base model is as large as any. */
export const BASE_MODELS_KEPT = 2;

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
  /** The newest one of this run, whichever it is. */
  heldModel(runId: RunId): Promise<StoredModel | null>;
  forgetModel(runId: RunId): Promise<void>;

  /** The frame of a base model, for every run that adapts it. */
  loadBaseModel(hash: BlobHash): Promise<Uint8Array | null>;
  /** Keeps the newest `BASE_MODELS_KEPT`. */
  saveBaseModel(hash: BlobHash, frame: Uint8Array): Promise<void>;

  /** Only a checkpoint of this very round and model is of use; any other is as good as none. */
  loadCheckpoint(key: Omit<StoredCheckpoint, 'checkpoint'>): Promise<StoredCheckpoint | null>;
  saveCheckpoint(checkpoint: StoredCheckpoint): Promise<void>;

  loadUpdate(runId: RunId, roundNumber: number): Promise<StoredUpdate | null>;
  /** Together with what its code lost, which is pending from then on; both or neither. */
  saveUpdate(update: StoredUpdate, pending: CodecMemory | null): Promise<void>;
  /**
   * Stores a masked update with what its code lost and marks its round as spent, all or nothing, flushed to the disk when it
   * resolves: only then may a byte of it leave.
   * @returns false, and stores nothing, when this round or a later one of the run is spent already, in whatever tab
   */
  spendRound(update: StoredUpdate, pending: CodecMemory | null): Promise<boolean>;
  /** The newest spent round of a run; 0 when there is none. Outlives the round. */
  spentRound(runId: RunId): Promise<number>;

  /**
   * Frees what was kept for this round: checkpoint and update. What its code lost becomes what the next update begins
   * with if it counted, and is dropped if it was not used. Where that is unknown, what came before it is dropped, too: it may be in
   * the model already, and would be there twice. What was sent stays beside the ledger.
   */
  forgetRound(runId: RunId, roundNumber: number, fate: UpdateFate): Promise<void>;

  /** What the next update of this run begins with. */
  loadMemory(runId: RunId): Promise<CodecMemory | null>;
  /** Drops it, and what is pending. */
  forgetMemory(runId: RunId): Promise<void>;

  /**
   * Numbers the entry, writes it, and keeps its payload (unless null) within the bounds of this storage; all of it
   * or nothing.
   */
  appendToLedger(entry: Omit<LedgerEntry, 'number'>, payload: Uint8Array | null): Promise<LedgerEntry>;
  /** Writes an entry anew under its number. */
  replaceInLedger(entry: LedgerEntry): Promise<void>;
  /** In the order in which they were appended. */
  readLedger(): Promise<readonly LedgerEntry[]>;
  /** The exact bytes with this hash that were sent; null when they are not kept, or no longer. */
  sentPayload(sha256: string): Promise<Uint8Array | null>;
  /** Frees the payloads; the ledger stays. */
  forgetPayloads(): Promise<void>;

  /**
   * Forgets everything, the device identity included: for the next check-in this is another device. The last call: a
   * storage that other tabs share refuses what any of them would still write.
   */
  erase(): Promise<void>;
}
