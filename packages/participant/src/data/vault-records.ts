/** What a vault needs of a place to keep things in. The vault's rules are not here: see `create-vault.ts`. */
import type { RunId } from '@tributary/fl-core';
import type { DataSetId, NewDataSet, Rows } from './data-set.ts';

/** Chunk n of a data set holds its rows n x `rowsPerChunk` .. (n + 1) x `rowsPerChunk` - 1, as far as they still exist. */
export interface ChunkEntry {
  readonly chunk: number;
  readonly rowCount: number;
  readonly sizeBytes: number;
}

export interface DataSetRecord extends NewDataSet {
  readonly id: DataSetId;
  readonly createdAt: number;
  /** Counts the changes, so that of two changes made at once the later one is noticed. */
  readonly revision: number;
  /** The number that the next row gets. */
  readonly nextRow: number;
  readonly rowsPerChunk: number;
  readonly rowSize: number;
  readonly labelsPerExample: number;
  readonly inputKind: 'bytes' | 'floats';
  readonly heldOutCount: number;
  readonly countsByLabel: ReadonlyMap<number, number>;
  /** In ascending order; empty chunks are not there. */
  readonly chunks: readonly ChunkEntry[];
}

/** Rows as they lie in storage: readable, or sealed with AES-256-GCM under the key of their data set. */
export type StoredChunk =
  | { readonly kind: 'plain'; readonly rows: Rows }
  | { readonly kind: 'sealed'; readonly iv: Uint8Array; readonly ciphertext: Uint8Array };

export interface DataSetChange {
  readonly record: DataSetRecord;
  /** The revision that was read before; null for a new data set. */
  readonly expectedRevision: number | null;
  /** For a new, encrypted data set. */
  readonly key: CryptoKey | null;
  /** Taken one by one, because each may take milliseconds to make. */
  readonly written: Iterable<readonly [chunk: number, content: StoredChunk]>;
  readonly emptied: readonly number[];
}

/** Everything that writes rejects with TributaryError `storage-full` when the device has no room left. */
export interface VaultRecords {
  /** `create` is asked once in the life of these records. */
  deviceSeed(create: () => string): Promise<string>;
  /** Without those that are condemned. */
  listDataSets(): Promise<readonly DataSetRecord[]>;
  readDataSet(id: DataSetId): Promise<DataSetRecord | null>;
  readChunk(id: DataSetId, chunk: number): Promise<StoredChunk | null>;
  readKey(id: DataSetId): Promise<CryptoKey | null>;
  /**
   * All of it or nothing.
   * @throws TributaryError `conflict` when the stored revision is another than the expected one
   */
  commit(change: DataSetChange): Promise<void>;
  /** Destroys the key and takes the data set off the list. The rows are still there, and unreadable if they were sealed. */
  condemn(id: DataSetId): Promise<void>;
  /** Erases the rows of every data set that is condemned. */
  sweep(): Promise<void>;
  /** Data sets that a run does not train on, although they would fit. */
  readLeftOut(runId: RunId): Promise<readonly DataSetId[]>;
  writeLeftOut(runId: RunId, ids: readonly DataSetId[]): Promise<void>;
  close(): void;
}
