/** The person's own examples on this device: the port, and how a device splits them. */
import type { DataSchema, ExampleSet } from '@tributary/fl-core';

/**
 * Rows of one import. `Uint8Array` inputs are pixels in 0..255 when the task's data are images (they become floats in
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

export interface ExampleParts {
  readonly training: ExampleSet;
  /** Null when the split left nothing to hold out. */
  readonly heldOut: ExampleSet | null;
}

export interface ExampleStore {
  /**
   * Adds rows; all of a batch or none of it.
   * @throws TributaryError `data-invalid` when rows do not fit what is stored, `storage-full`
   */
  put(batch: ExampleBatch): Promise<void>;
  /** All examples, held-out ones included. */
  count(): Promise<number>;
  /** How many examples train, after the split. */
  trainingCount(): Promise<number>;
  /** Class index -> number of examples. For text every label counts. */
  countsByLabel(): Promise<ReadonlyMap<number, number>>;
  /**
   * All examples as the trainer reads them. About a fifth is held out, by a hash of device seed and row number: the
   * same rows on every load, other rows on another device.
   * @throws TributaryError `data-missing`, `data-invalid`
   */
  toExampleSet(schema: DataSchema): Promise<ExampleParts>;
  /** Erases every example. */
  clear(): Promise<void>;
  close(): void;
}
