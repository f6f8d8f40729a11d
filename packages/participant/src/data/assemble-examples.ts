/** Stored chunks -> the two example sets that a trainer reads. */
import {
  type DataSchema,
  dataClasses,
  dataInputSize,
  type ExampleSet,
  TributaryError,
} from '@tributary/fl-core';
import { type ExampleChunk, type ExampleInventory, trainingCountOf } from './example-chunk.ts';
import type { ExampleParts } from './example-store.ts';

/** @throws TributaryError `data-missing`, `data-invalid` */
export function assembleExamples(
  inventory: ExampleInventory,
  chunks: readonly ExampleChunk[],
  schema: DataSchema,
): ExampleParts {
  requireExamples(inventory, schema);
  const trainingCount = trainingCountOf(inventory);
  const training = createWriter(inventory, schema, trainingCount);
  const heldOut = createWriter(inventory, schema, inventory.count - trainingCount);
  const scale = schema.kind === 'image' ? 1 / 255 : 1;
  for (const chunk of chunks) {
    chunk.heldOut.forEach((isHeldOut, row) => {
      (isHeldOut && heldOut.set.count > 0 ? heldOut : training).add(chunk, row, scale);
    });
  }
  return { training: training.set, heldOut: heldOut.set.count > 0 ? heldOut.set : null };
}

function requireExamples(inventory: ExampleInventory, schema: DataSchema): void {
  if (inventory.count === 0)
    throw new TributaryError('data-missing', 'there are no examples on this device yet');
  const wanted = dataInputSize(schema);
  if (inventory.rowSize !== wanted) {
    throw new TributaryError(
      'data-invalid',
      `examples have ${inventory.rowSize} values, this task reads ${wanted}`,
    );
  }
  const classes = dataClasses(schema);
  for (const label of inventory.countsByLabel.keys()) {
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new TributaryError(
        'data-invalid',
        `label ${label} is not one of the ${classes} classes of this task`,
      );
    }
  }
}

function createWriter({ rowSize, labelsPerExample }: ExampleInventory, schema: DataSchema, count: number) {
  const set: ExampleSet = {
    count,
    inputShape: schema.kind === 'image' ? [schema.height, schema.width, schema.channels] : [rowSize],
    inputs: new Float32Array(count * rowSize),
    labelsPerExample,
    labels: new Int32Array(count * labelsPerExample),
  };
  let written = 0;
  return {
    set,
    add({ inputs, labels }: ExampleChunk, row: number, scale: number): void {
      const values = inputs.subarray(row * rowSize, (row + 1) * rowSize);
      const offset = written * rowSize;
      if (values instanceof Float32Array) set.inputs.set(values, offset);
      else for (let i = 0; i < rowSize; i += 1) set.inputs[offset + i] = values[i]! * scale;
      set.labels.set(
        labels.subarray(row * labelsPerExample, (row + 1) * labelsPerExample),
        written * labelsPerExample,
      );
      written += 1;
    },
  };
}
