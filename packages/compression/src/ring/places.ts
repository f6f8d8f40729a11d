/** Where elements are: of a vector, of lanes, of packed bytes. */
import { packedBytes } from '../pack.ts';
import type { RingVector } from './ring-vector.ts';

export function laneBytesOf(bits: number): number {
  return Math.ceil(bits / 8);
}

/** @throws RangeError when elements [at, at + count) are not in a vector of `length` */
export function checkRange({ length, at, count }: { length: number; at: number; count: number }): void {
  if (!(Number.isInteger(count) && Number.isInteger(at) && count >= 0 && at >= 0 && at + count <= length)) {
    throw new RangeError(`${count} elements from ${at} are not in a vector of ${length}`);
  }
}

/** @throws RangeError when two vectors cannot be added */
export function checkSameRing(vector: RingVector, other: RingVector): void {
  if (other.length !== vector.length || other.bits !== vector.bits) {
    throw new RangeError(
      `${other.length} elements of ${other.bits} bits cannot be added to ${vector.length} of ${vector.bits}`,
    );
  }
}

/** @returns the byte at which packed element `at` begins; @throws RangeError when it begins within one */
export function packedStart(at: number, bits: number): number {
  if ((at * bits) % 8 !== 0) throw new RangeError(`element ${at} of ${bits} bits begins within a byte`);
  return (at * bits) / 8;
}

/** @returns how many elements `size` packed bytes hold from element `at`; @throws RangeError when bytes are left over */
export function packedCount(place: { length: number; bits: number; at: number; size: number }): number {
  const { length, bits, at, size } = place;
  packedStart(at, bits);
  const count = Math.min(Math.floor((size * 8) / bits), length - at);
  checkRange({ length, at, count });
  if (packedBytes(count, bits) !== size) {
    throw new RangeError(`${size} bytes are not a number of elements of ${bits} bits`);
  }
  return count;
}
