/** Vectors of the field on the wire: 26 bits an element, lowest bits first, so that four elements fill 13 bytes. */
import { PRIME } from './field.ts';

const BITS = 26;
const GROUP = 4;
const GROUP_BYTES = 13;

export const packedBytes = (length: number): number => Math.ceil((length * BITS) / 8);

export function packVector(vector: Int32Array): Uint8Array {
  const groups = Math.ceil(vector.length / GROUP);
  const bytes = new Uint8Array(groups * GROUP_BYTES);
  for (let group = 0; group < groups; group += 1) {
    const from = group * GROUP;
    const at = group * GROUP_BYTES;
    const a = vector[from]!;
    // Behind the end there is nothing, and nothing is zero.
    const b = vector[from + 1] ?? 0;
    const c = vector[from + 2] ?? 0;
    const d = vector[from + 3] ?? 0;
    bytes[at] = a;
    bytes[at + 1] = a >>> 8;
    bytes[at + 2] = a >>> 16;
    bytes[at + 3] = (a >>> 24) | (b << 2);
    bytes[at + 4] = b >>> 6;
    bytes[at + 5] = b >>> 14;
    bytes[at + 6] = (b >>> 22) | (c << 4);
    bytes[at + 7] = c >>> 4;
    bytes[at + 8] = c >>> 12;
    bytes[at + 9] = (c >>> 20) | (d << 6);
    bytes[at + 10] = d >>> 2;
    bytes[at + 11] = d >>> 10;
    bytes[at + 12] = d >>> 18;
  }
  return bytes.subarray(0, packedBytes(vector.length));
}

/** @returns null when the bytes are not `length` elements of the field */
export function unpackVector(packed: Uint8Array, length: number): Int32Array | null {
  if (packed.length !== packedBytes(length)) return null;
  const groups = Math.ceil(length / GROUP);
  const bytes = padded(packed, groups * GROUP_BYTES);
  const vector = new Int32Array(groups * GROUP);
  let largest = 0;
  for (let group = 0; group < groups; group += 1) {
    const at = group * GROUP_BYTES;
    const to = group * GROUP;
    const shared = bytes[at + 3]!;
    const middle = bytes[at + 6]!;
    const last = bytes[at + 9]!;
    const a = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | ((shared & 3) << 24);
    const b = (shared >>> 2) | (bytes[at + 4]! << 6) | (bytes[at + 5]! << 14) | ((middle & 15) << 22);
    const c = (middle >>> 4) | (bytes[at + 7]! << 4) | (bytes[at + 8]! << 12) | ((last & 63) << 20);
    const d = (last >>> 6) | (bytes[at + 10]! << 2) | (bytes[at + 11]! << 10) | (bytes[at + 12]! << 18);
    vector[to] = a;
    vector[to + 1] = b;
    vector[to + 2] = c;
    vector[to + 3] = d;
    largest = Math.max(largest, a, b, c, d);
  }
  const isPaddingZero = vector.subarray(length).every((element) => element === 0);
  return largest < PRIME && isPaddingZero ? vector.subarray(0, length) : null;
}

function padded(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) return bytes;
  const whole = new Uint8Array(length);
  whole.set(bytes);
  return whole;
}
