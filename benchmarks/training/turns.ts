/** What turns of several programs say of them. */
import { figure } from '../fastest.ts';

/** How many times as fast: the median over the turns, each against the other's turn right before or after it. */
export function ratio(theirs: readonly number[] | undefined, ours: readonly number[]): number | null {
  if (!theirs) return null;
  const pairs = Math.min(theirs.length, ours.length);
  return figure(median(Array.from({ length: pairs }, (_, turn) => theirs[turn]! / ours[turn]!)));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
