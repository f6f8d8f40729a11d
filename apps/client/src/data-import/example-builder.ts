/** Gathers rows of one shape in arrays that grow: pixels as bytes, everything else as floats. */
import { type DataSchema, dataInputSize } from '@tributary/fl-core';
import type { ExampleBatch } from '@tributary/participant';

const FIRST_ROWS = 256;

export interface ExampleBuilder {
  readonly count: number;
  /** Zeros to be filled; they become a row when it is kept, and the next row otherwise. */
  blankRow(): Uint8Array | Float32Array;
  keep(labels: ArrayLike<number>): void;
  /** Forgets the rows after the first `count`. */
  truncate(count: number): void;
  /** Null when there is not one row. */
  finish(): ExampleBatch | null;
}

export function createExampleBuilder(data: DataSchema): ExampleBuilder {
  const rowSize = dataInputSize(data);
  const labelsPerExample = data.kind === 'text' ? data.sequenceLength : 1;
  const zeros = (rows: number) =>
    data.kind === 'image' ? new Uint8Array(rows * rowSize) : new Float32Array(rows * rowSize);
  let count = 0;
  let inputs = zeros(FIRST_ROWS);
  let labels = new Int32Array(FIRST_ROWS * labelsPerExample);

  const grow = () => {
    const rows = 2 * (inputs.length / rowSize);
    const before = { inputs, labels };
    inputs = zeros(rows);
    inputs.set(before.inputs);
    labels = new Int32Array(rows * labelsPerExample);
    labels.set(before.labels);
  };
  return {
    get count() {
      return count;
    },
    blankRow() {
      if ((count + 1) * rowSize > inputs.length) grow();
      return inputs.subarray(count * rowSize, (count + 1) * rowSize).fill(0);
    },
    keep(rowLabels) {
      labels.set(rowLabels, count * labelsPerExample);
      count += 1;
    },
    truncate(to) {
      count = to;
    },
    finish() {
      if (count === 0) return null;
      return {
        inputs: inputs.slice(0, count * rowSize),
        rowSize,
        labels: labels.slice(0, count * labelsPerExample),
        labelsPerExample,
      };
    },
  };
}
