/** Taking rows apart and putting them together again. Rows are in ascending order of their numbers. */
import type { Rows } from './data-set.ts';

export interface RowShape {
  readonly rowSize: number;
  readonly labelsPerExample: number;
}

/** Rows `from`..`to - 1`, as views: nothing is copied. */
export function viewRows(rows: Rows, from: number, to: number, shape: RowShape): Rows {
  return {
    numbers: rows.numbers.subarray(from, to),
    inputs: rows.inputs.subarray(from * shape.rowSize, to * shape.rowSize),
    labels: rows.labels.subarray(from * shape.labelsPerExample, to * shape.labelsPerExample),
    heldOut: rows.heldOut.subarray(from, to),
  };
}

/** A copy that holds nothing but these rows; storing a view would store all that it looks at. */
export const copyRows = ({ numbers, inputs, labels, heldOut }: Rows): Rows => ({
  numbers: numbers.slice(),
  inputs: inputs.slice(),
  labels: labels.slice(),
  heldOut: heldOut.slice(),
});

/** Those rows for which `wanted` says yes to the number. */
export function filterRows(rows: Rows, wanted: (number: number) => boolean, shape: RowShape): Rows {
  const places = [...rows.numbers.keys()].filter((place) => wanted(rows.numbers[place]!));
  return pickRows(rows, places, shape);
}

function pickRows(rows: Rows, places: readonly number[], { rowSize, labelsPerExample }: RowShape): Rows {
  const picked = {
    numbers: new Uint32Array(places.length),
    inputs: newInputs(rows.inputs, places.length * rowSize),
    labels: new Int32Array(places.length * labelsPerExample),
    heldOut: new Uint8Array(places.length),
  };
  places.forEach((place, i) => {
    picked.numbers[i] = rows.numbers[place]!;
    picked.inputs.set(rows.inputs.subarray(place * rowSize, (place + 1) * rowSize), i * rowSize);
    picked.labels.set(
      rows.labels.subarray(place * labelsPerExample, (place + 1) * labelsPerExample),
      i * labelsPerExample,
    );
    picked.heldOut[i] = rows.heldOut[place]!;
  });
  return picked;
}

/** All rows of both, in order of their numbers. A row that is in both is taken once, from the first. */
export function mergeRows(one: Rows, other: Rows, shape: RowShape): Rows {
  if (one.numbers.length === 0) return other;
  if (other.numbers.length === 0) return one;
  const known = new Set(one.numbers);
  const joined = joinRows([one, filterRows(other, (number) => !known.has(number), shape)]);
  const places = [...joined.numbers.keys()].sort((a, b) => joined.numbers[a]! - joined.numbers[b]!);
  return pickRows(joined, places, shape);
}

/** One after another; there is at least one part. */
export function joinRows(parts: readonly Rows[]): Rows {
  const [first] = parts;
  if (parts.length === 1) return first!;
  const total = (lengthOf: (rows: Rows) => number) => parts.reduce((sum, part) => sum + lengthOf(part), 0);
  const joined = {
    numbers: new Uint32Array(total((rows) => rows.numbers.length)),
    inputs: newInputs(
      first!.inputs,
      total((rows) => rows.inputs.length),
    ),
    labels: new Int32Array(total((rows) => rows.labels.length)),
    heldOut: new Uint8Array(total((rows) => rows.heldOut.length)),
  };
  let rows = 0;
  let inputs = 0;
  let labels = 0;
  for (const part of parts) {
    joined.numbers.set(part.numbers, rows);
    joined.heldOut.set(part.heldOut, rows);
    joined.inputs.set(part.inputs, inputs);
    joined.labels.set(part.labels, labels);
    rows += part.numbers.length;
    inputs += part.inputs.length;
    labels += part.labels.length;
  }
  return joined;
}

const newInputs = (like: Rows['inputs'], length: number): Rows['inputs'] =>
  like instanceof Float32Array ? new Float32Array(length) : new Uint8Array(length);
