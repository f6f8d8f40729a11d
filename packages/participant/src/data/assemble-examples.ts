/** Stored rows -> the examples that a trainer reads, portion by portion, so that the page goes on answering. */
import { type DataSchema, type ExampleSet, TributaryError } from '@tributary/fl-core';
import type { DataSetSummary, Rows } from './data-set.ts';
import type { Vault } from './vault.ts';

/** Everything trains when the split would leave nothing to train on: the first drawn digit counts. */
export function trainingCountOf(dataSets: readonly DataSetSummary[]): number {
  const count = sum(dataSets, (dataSet) => dataSet.rowCount);
  const heldOut = sum(dataSets, (dataSet) => dataSet.heldOutCount);
  return heldOut === count ? count : count - heldOut;
}

/**
 * One side of the split, or one example in so many of it. The data sets have the same schema and at least one row.
 * @throws TributaryError `conflict` when a row came or went while they were read, `data-unreadable`
 */
export async function assembleExamples(
  vault: Vault,
  dataSets: readonly DataSetSummary[],
  side: 'training' | 'heldOut',
  oneIn = 1,
): Promise<ExampleSet> {
  const count = sum(dataSets, (dataSet) => dataSet.rowCount);
  const trainingCount = trainingCountOf(dataSets);
  const everythingTrains = trainingCount === count;
  const wanted = side === 'training' ? trainingCount : count - trainingCount;
  const writer = createExampleWriter(dataSets[0]!, Math.ceil(wanted / oneIn));
  let found = 0;
  for (const { id } of dataSets) {
    for await (const rows of vault.portions(id)) {
      rows.heldOut.forEach((isHeldOut, place) => {
        const isWanted = side === 'heldOut' ? isHeldOut : everythingTrains || !isHeldOut;
        if (!isWanted) return;
        if (found % oneIn === 0) writer.add(rows, place);
        found += 1;
      });
    }
  }
  if (found !== wanted) throw changed();
  return writer.finish();
}

/** Takes rows one by one, and gives `count` of them as floats. */
export function createExampleWriter({ schema, rowSize, labelsPerExample }: DataSetSummary, count: number) {
  const inputs = new Float32Array(count * rowSize);
  const labels = new Int32Array(count * labelsPerExample);
  const scale = schema.kind === 'image' ? 1 / 255 : 1;
  let written = 0;
  return {
    add(rows: Rows, place: number): void {
      if (written === count) throw changed();
      const values = rows.inputs.subarray(place * rowSize, (place + 1) * rowSize);
      const offset = written * rowSize;
      if (values instanceof Float32Array) inputs.set(values, offset);
      else for (let i = 0; i < rowSize; i += 1) inputs[offset + i] = values[i]! * scale;
      const rowLabels = rows.labels.subarray(place * labelsPerExample, (place + 1) * labelsPerExample);
      labels.set(rowLabels, written * labelsPerExample);
      written += 1;
    },
    finish(): ExampleSet {
      if (written < count) throw changed();
      return { count, inputShape: inputShapeOf(schema, rowSize), inputs, labelsPerExample, labels };
    },
  };
}

export const inputShapeOf = (schema: DataSchema, rowSize: number) =>
  schema.kind === 'image' ? [schema.height, schema.width, schema.channels] : [rowSize];

export const changed = () => new TributaryError('conflict', 'the examples changed while they were read');

const sum = (dataSets: readonly DataSetSummary[], of: (dataSet: DataSetSummary) => number) =>
  dataSets.reduce((total, dataSet) => total + of(dataSet), 0);
