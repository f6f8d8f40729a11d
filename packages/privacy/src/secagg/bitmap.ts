import { SecAggError } from './errors.ts';

/** Members of a roster of n as bits: member i is bit i & 7 of byte i >> 3; the bits after the last member are 0. */
export function bitmapOf(n: number, members: Iterable<number>): Uint8Array {
  const bitmap = new Uint8Array(bitmapBytes(n));
  for (const index of members) bitmap[index >> 3]! |= 1 << (index & 7);
  return bitmap;
}

export const hasMember = (bitmap: Uint8Array, index: number): boolean =>
  (bitmap[index >> 3]! & (1 << (index & 7))) !== 0;

/**
 * Ascending.
 * @throws SecAggError `secagg-message-malformed` of another length; `secagg-survivors-invalid` when it names somebody
 *   who is not in the roster
 */
export function membersOf(bitmap: Uint8Array, n: number): number[] {
  if (bitmap.length !== bitmapBytes(n)) {
    throw new SecAggError(
      'secagg-message-malformed',
      `members of ${n} are ${bitmapBytes(n)} bytes, not ${bitmap.length}`,
    );
  }
  const members: number[] = [];
  for (let index = 0; index < bitmap.length * 8; index += 1)
    if (hasMember(bitmap, index)) members.push(index);
  const last = members.at(-1);
  if (last !== undefined && last >= n) {
    throw new SecAggError('secagg-survivors-invalid', `member ${last} is not in a roster of ${n}`);
  }
  return members;
}

const bitmapBytes = (n: number): number => Math.ceil(n / 8);
