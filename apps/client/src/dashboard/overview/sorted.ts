export interface Order<Column extends string> {
  readonly by: Column;
  readonly descending: boolean;
}

/** Stable: rows that are equal keep the order that they had. */
export function sorted<Row, Column extends string>(
  rows: readonly Row[],
  keyOf: (row: Row, column: Column) => number | string,
  { by, descending }: Order<Column>,
): Row[] {
  const direction = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [keyOf(a, by), keyOf(b, by)];
    return left === right ? 0 : left < right ? -direction : direction;
  });
}
