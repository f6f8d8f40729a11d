/** Stored rows -> what was in the file, as far as storage remembers it. */
import type { TabularDataSchema, TextDataSchema } from '@tributary/fl-core';
import { dataInputSize } from '@tributary/fl-core';
import type { Rows } from '@tributary/participant';

/** Standardised numbers become what they were, to the six digits that a float carries. */
export function tableCells(schema: TabularDataSchema, inputs: Rows['inputs'], row: number): string[] {
  let offset = row * dataInputSize(schema);
  return schema.columns.map((column) => {
    if (column.kind === 'number') {
      const value = inputs[offset]! * column.deviation + column.mean;
      offset += 1;
      return String(Number(value.toPrecision(6)));
    }
    const category = inputs.subarray(offset, offset + column.categories.length).indexOf(1);
    offset += column.categories.length;
    return column.categories[category] ?? '';
  });
}

export function textOf(schema: TextDataSchema, inputs: Rows['inputs'], row: number): string {
  const characters = [...schema.alphabet];
  const indices = inputs.subarray(row * schema.sequenceLength, (row + 1) * schema.sequenceLength);
  return Array.from(indices, (index) => characters[index] ?? '').join('');
}
