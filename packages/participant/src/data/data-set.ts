/** A data set: rows that came together, made for one schema, kept on this device and nowhere else. */
import type { DataSchema } from '@tributary/fl-core';

declare const brand: unique symbol;
export type DataSetId = string & { readonly [brand]: 'DataSetId' };

/** How the rows came here. */
export type DataSource =
  | { readonly kind: 'files'; readonly files: readonly string[] }
  | { readonly kind: 'drawn' }
  | { readonly kind: 'generated' }
  /** Added to one run before there were data sets. */
  | { readonly kind: 'earlier' };

export interface NewDataSet {
  readonly name: string;
  readonly schema: DataSchema;
  readonly source: DataSource;
  readonly encrypted: boolean;
}

/**
 * Rows to be added. `Uint8Array` inputs are pixels in 0..255 when the schema is of images (they become floats in
 * [0, 1]) and plain values otherwise; `Float32Array` inputs are taken as they are.
 */
export interface ExampleBatch {
  /** `labels.length / labelsPerExample` rows of `rowSize` values. */
  readonly inputs: Uint8Array | Float32Array;
  readonly rowSize: number;
  /** Class indices. */
  readonly labels: Int32Array | readonly number[];
  /** The sequence length for text; 1, the default, otherwise. */
  readonly labelsPerExample?: number;
}

/** What is known about a data set without reading its rows. */
export interface DataSetSummary extends NewDataSet {
  readonly id: DataSetId;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
  readonly rowCount: number;
  /** Held-out rows included. */
  readonly heldOutCount: number;
  /** Class index -> number of labels: rows, or characters for text. */
  readonly countsByLabel: ReadonlyMap<number, number>;
  /** What the rows weigh in storage. */
  readonly sizeBytes: number;
  readonly rowSize: number;
  readonly labelsPerExample: number;
}

/** Some rows of a data set, in the order in which they were added. */
export interface Rows {
  /** A row keeps its number for as long as its data set lives; no other row ever gets it. */
  readonly numbers: Uint32Array;
  readonly inputs: Uint8Array | Float32Array;
  readonly labels: Int32Array;
  /** 1 where the row is held out. */
  readonly heldOut: Uint8Array;
}
