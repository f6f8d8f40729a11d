/** Whether rows fit the schema of their data set; asked before anything is stored. */
import { type DataSchema, dataClasses, dataInputSize, TributaryError } from '@tributary/fl-core';
import type { ExampleBatch } from './data-set.ts';

export const labelsPerRow = (schema: DataSchema) => (schema.kind === 'text' ? schema.sequenceLength : 1);

/** The number of rows. @throws TributaryError `data-invalid` */
export function requireFit(batch: ExampleBatch, schema: DataSchema): number {
  const { inputs, labels, rowSize } = batch;
  const wanted = dataInputSize(schema);
  if (rowSize !== wanted) {
    throw new TributaryError('data-invalid', `rows of ${rowSize} values, but the schema wants ${wanted}`);
  }
  const rowCount = inputs.length / rowSize;
  const labelCount = rowCount * labelsPerRow(schema);
  const isWhole = Number.isInteger(rowCount) && rowCount > 0;
  if (!isWhole || labels.length !== labelCount || (batch.labelsPerExample ?? 1) !== labelsPerRow(schema)) {
    throw new TributaryError(
      'data-invalid',
      `${inputs.length} values and ${labels.length} labels are not rows of ${rowSize}`,
    );
  }
  for (const label of labels) requireLabel(label, schema);
  if (inputs instanceof Float32Array && !inputs.every(Number.isFinite)) {
    throw new TributaryError('data-invalid', 'a value of these rows is not a finite number');
  }
  return rowCount;
}

/** @throws TributaryError `data-invalid` */
export function requireLabel(label: number, schema: DataSchema): void {
  const classes = dataClasses(schema);
  if (Number.isInteger(label) && label >= 0 && label < classes) return;
  throw new TributaryError('data-invalid', `label ${label} is not one of the ${classes} of the schema`);
}
