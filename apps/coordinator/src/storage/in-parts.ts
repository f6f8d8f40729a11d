/** Values in one statement; every database takes so many. */
const MOST_AT_ONCE = 400;

export function inParts<T>(items: readonly T[]): T[][] {
  const parts = Math.ceil(items.length / MOST_AT_ONCE);
  return Array.from({ length: parts }, (_, part) =>
    items.slice(part * MOST_AT_ONCE, (part + 1) * MOST_AT_ONCE),
  );
}
