import type { DataSchema } from '@tributary/fl-core';

/** Equal in every field; the order in which fields were written does not matter. */
export function isSameSchema(one: DataSchema, other: DataSchema): boolean {
  return isEqual(one, other);
}

function isEqual(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return one === other;
  }
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => isEqual(one[key as keyof object], other[key as keyof object]))
  );
}
