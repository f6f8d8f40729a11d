/** A CSV file without a header row as examples: numbers standardised, categories one-hot, as the schema says. */
import { dataInputSize, type ExampleSet, type TabularDataSchema, TributaryError } from '@tributary/fl-core';
import { parseCsv } from './csv.ts';
import { readDataFile } from './data-folder.ts';

export interface TableLayout {
  /** Names of all columns in the file's order. */
  readonly columnsInFile: readonly string[];
  readonly schema: TabularDataSchema;
}

/**
 * Rows with another number of fields (a title line) or with a value that the schema does not know are left out.
 * @throws TributaryError `data-missing`; `data-invalid` when no row is left
 */
export async function readTable(folder: string, name: string, layout: TableLayout): Promise<ExampleSet> {
  const text = new TextDecoder().decode(await readDataFile(folder, name));
  const { schema, columnsInFile } = layout;
  const rows = parseCsv(text).flatMap((fields) => {
    const row = fields.length === columnsInFile.length ? encodeRow(fields, layout) : undefined;
    return row ? [row] : [];
  });
  if (rows.length === 0) throw new TributaryError('data-invalid', `${name} has no row that fits the schema`);
  const inputSize = dataInputSize(schema);
  const inputs = new Float32Array(rows.length * inputSize);
  rows.forEach((row, index) => {
    inputs.set(row.inputs, index * inputSize);
  });
  return {
    count: rows.length,
    inputShape: [inputSize],
    inputs,
    labelsPerExample: 1,
    labels: Int32Array.from(rows, (row) => row.label),
  };
}

function encodeRow(
  fields: readonly string[],
  { schema, columnsInFile }: TableLayout,
): { inputs: number[]; label: number } | undefined {
  const field = (column: string) => fields[columnsInFile.indexOf(column)] ?? '';
  // Adult's test file ends its labels with a full stop.
  const label = schema.labels.indexOf(field(schema.labelColumn).replace(/\.$/, ''));
  if (label < 0) return undefined;
  const inputs: number[] = [];
  for (const column of schema.columns) {
    const value = field(column.name);
    if (column.kind === 'number') {
      const number = Number(value);
      if (value === '' || !Number.isFinite(number)) return undefined;
      inputs.push((number - column.mean) / column.deviation);
    } else {
      const category = column.categories.indexOf(value);
      if (category < 0) return undefined;
      for (let i = 0; i < column.categories.length; i += 1) inputs.push(i === category ? 1 : 0);
    }
  }
  return { inputs, label };
}
