/** How large the examples of a schema are. Apart from the schema, so that a worker that only counts loads no validator. */
import type { DataSchema } from './data-schema.ts';

/** Number of model inputs that one example of this schema fills. */
export function dataInputSize(data: DataSchema): number {
  switch (data.kind) {
    case 'image':
      return data.height * data.width * data.channels;
    case 'tabular':
      return data.columns.reduce(
        (width, column) => width + (column.kind === 'number' ? 1 : column.categories.length),
        0,
      );
    case 'text':
      return data.sequenceLength;
  }
}

export function dataClasses(data: DataSchema): number {
  return data.kind === 'text' ? [...data.alphabet].length : data.labels.length;
}
