/** The person's own examples on this device: what can be done with them. */
import type { RunId } from '@tributary/fl-core';
import type { DataSetId, DataSetSummary, ExampleBatch, NewDataSet, Rows } from './data-set.ts';

/** A change that can be undone; `rowCount` says how many rows it touched. */
export interface VaultChange {
  readonly kind: 'created' | 'added' | 'relabelled' | 'deleted';
  readonly dataSetId: DataSetId;
  readonly rowCount: number;
}

/**
 * Each change happens as a whole or not at all, also when the device is full (`storage-full`) or the tab dies.
 * Everything that names a data set rejects with `not-found` when there is none, and with `data-unreadable` when its
 * rows cannot be read.
 */
export interface Vault {
  /** Whether data sets can be encrypted here: over plain HTTP a browser has no cryptography. */
  readonly canEncrypt: boolean;
  /** Oldest first. */
  list(): Promise<readonly DataSetSummary[]>;
  /** @throws TributaryError `data-invalid` when the batch does not fit the schema, `storage-full` */
  create(dataSet: NewDataSet, batch: ExampleBatch): Promise<DataSetSummary>;
  /** @throws TributaryError `data-invalid`, `storage-full` */
  add(id: DataSetId, batch: ExampleBatch): Promise<void>;
  /** `count` rows from place `from` on, fewer at the end. */
  rows(id: DataSetId, from: number, count: number): Promise<Rows>;
  /** The rows of a data set in portions, each small enough to hold a page up for only some milliseconds. */
  portions(id: DataSetId): AsyncIterable<Rows>;
  /** Gives rows another label. @throws TributaryError `data-invalid` when the schema does not know it */
  relabel(id: DataSetId, rowNumbers: readonly number[], label: number): Promise<void>;
  deleteRows(id: DataSetId, rowNumbers: readonly number[]): Promise<void>;
  /** What `undo` would take back: the newest change of this visit that still can be. */
  lastChange(): VaultChange | null;
  /** Takes the newest change back, and says which; null when there is none. */
  undo(): Promise<VaultChange | null>;
  /** The key goes first, then the rows. Cannot be undone. */
  deleteDataSet(id: DataSetId): Promise<void>;
  deleteAll(): Promise<void>;
  leftOut(runId: RunId): Promise<ReadonlySet<DataSetId>>;
  setLeftOut(runId: RunId, id: DataSetId, isLeftOut: boolean): Promise<void>;
  /** Calls back after each change made through this vault. */
  onChange(listener: () => void): () => void;
  close(): void;
}
