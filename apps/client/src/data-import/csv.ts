/** CSV -> standardised numbers and one-hot categories, as the run's schema prescribes. */
import type { TabularDataSchema } from '@tributary/fl-core';
import { csvRows } from './csv-rows.ts';
import type { ExampleBuilder } from './example-builder.ts';
import { ImportRefused, type RejectionReason } from './imported.ts';

interface CsvTarget {
  readonly examples: ExampleBuilder;
  readonly reject: (line: number, reason: RejectionReason) => void;
  /** Called every some thousand rows. */
  readonly onProgress?: () => void;
}

/**
 * Columns are found by name, so their order and any further columns do not matter. A file without a header row, as
 * UCI publishes its tables, must have the columns of the schema in its order and the label last. A row that is ragged,
 * has an unknown label or category, or a number that is none, is left out and reported with its line.
 * @throws ImportRefused `column-missing` when a column of the schema is not in the header
 */
export function readCsv(
  bytes: Uint8Array,
  schema: TabularDataSchema,
  { examples, reject, onProgress = () => {} }: CsvTarget,
): void {
  let readRow: RowReader | null = null;
  for (const rows of csvRows(bytes)) {
    for (const { line, cells } of rows) {
      if (!readRow) {
        const first = (cells ?? []).map((name) => name.trim());
        const implied = impliedHeader(first, schema);
        readRow = rowReader(implied ?? first, schema);
        if (!implied) continue;
      }
      const outcome = cells ? readRow(cells, examples.blankRow() as Float32Array) : QUOTE_UNCLOSED;
      if (typeof outcome === 'number') examples.keep([outcome]);
      else reject(line, outcome);
    }
    onProgress();
  }
  if (!readRow) rowReader([], schema);
}

const QUOTE_UNCLOSED = { kind: 'quote-unclosed' } as const;

/** What the header would say; null when the first row names a column, and so is the header itself. */
function impliedHeader(firstRow: readonly string[], schema: TabularDataSchema): readonly string[] | null {
  const names = [...schema.columns.map((column) => column.name), schema.labelColumn];
  if (firstRow.length !== names.length || names.some((name) => firstRow.includes(name))) return null;
  return names;
}

/** Fills `target` with one row's inputs and gives its class, or says why not. */
type RowReader = (row: readonly string[], target: Float32Array) => number | RejectionReason;

function rowReader(header: readonly string[], schema: TabularDataSchema): RowReader {
  const placeOf = (column: string) => {
    const place = header.indexOf(column);
    if (place < 0) throw new ImportRefused({ kind: 'column-missing', column });
    return place;
  };
  const labelPlace = placeOf(schema.labelColumn);
  const classOf = new Map(schema.labels.map((label, index) => [label, index]));
  const columns = schema.columns.map((column) => ({ column, place: placeOf(column.name) }));

  return (row, target) => {
    if (row.length !== header.length) {
      return { kind: 'column-count', expected: header.length, found: row.length };
    }
    let offset = 0;
    for (const { column, place } of columns) {
      const value = row[place]!.trim();
      if (value === '') return { kind: 'value-missing', column: column.name };
      if (column.kind === 'number') {
        const number = Number(value);
        if (!Number.isFinite(number)) return { kind: 'value-not-a-number', column: column.name, value };
        const standardised = Math.fround((number - column.mean) / column.deviation);
        if (!Number.isFinite(standardised)) {
          return { kind: 'value-out-of-range', column: column.name, value };
        }
        target[offset] = standardised;
        offset += 1;
      } else {
        const category = column.categories.indexOf(value);
        if (category < 0) return { kind: 'category-unknown', column: column.name, value };
        target[offset + category] = 1;
        offset += column.categories.length;
      }
    }
    const label = row[labelPlace]!.trim();
    if (label === '') return { kind: 'label-missing' };
    // The test file of UCI's Adult ends its labels with a full stop.
    return classOf.get(label) ?? classOf.get(label.replace(/\.$/, '')) ?? { kind: 'label-unknown', label };
  };
}
