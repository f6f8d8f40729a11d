/** The plain way to add modulo 2^b: what the kernels are compared with, and what runs where there are none. */
import { pack, unpack } from '../pack.ts';
import { checkRange, checkSameRing, laneBytesOf, packedCount, packedStart } from './places.ts';
import type { RingVector } from './ring-vector.ts';

export function createPlainRingVector(length: number, bits: number): RingVector {
  const laneBytes = laneBytesOf(bits);
  // Modulo 2^32, of which the low b bits count.
  const sum = new Uint32Array(length);
  const mask = 2 ** bits - 1;

  return {
    length,
    bits,
    laneBytes,
    add: (bytes, at) => {
      const count = bytes.length / laneBytes;
      checkRange({ length, at, count });
      for (let i = 0; i < count; i += 1) sum[at + i]! += laneAt(bytes, i, laneBytes);
    },
    subtract: (bytes, at) => {
      const count = bytes.length / laneBytes;
      checkRange({ length, at, count });
      for (let i = 0; i < count; i += 1) sum[at + i]! -= laneAt(bytes, i, laneBytes);
    },
    addPacked: (bytes, at = 0) => {
      const count = packedCount({ length, bits, at, size: bytes.length });
      const elements = unpack(bytes, bits, count);
      for (let i = 0; i < count; i += 1) sum[at + i]! += elements[i]!;
    },
    addValues: (values, at = 0) => {
      checkRange({ length, at, count: values.length });
      for (let i = 0; i < values.length; i += 1) sum[at + i]! += values[i]!;
    },
    addVector(other) {
      checkSameRing(this, other);
      this.add(other.lanes(), 0);
    },
    lanes: (from = 0, to = length) => {
      checkRange({ length, at: from, count: to - from });
      const bytes = new Uint8Array((to - from) * laneBytes);
      for (let i = from; i < to; i += 1) {
        const element = (sum[i]! & mask) >>> 0;
        for (let byte = 0; byte < laneBytes; byte += 1) {
          bytes[(i - from) * laneBytes + byte] = element >>> (8 * byte);
        }
      }
      return bytes;
    },
    packed: (from = 0, to = length) => {
      checkRange({ length, at: from, count: to - from });
      packedStart(from, bits);
      return pack(sum.subarray(from, to), bits);
    },
    signedValues: (from = 0, to = length) => {
      checkRange({ length, at: from, count: to - from });
      const unused = 32 - bits;
      return Int32Array.from(sum.subarray(from, to), (element) => (element << unused) >> unused);
    },
  };
}

function laneAt(bytes: Uint8Array, index: number, laneBytes: number): number {
  let lane = 0;
  for (let byte = 0; byte < laneBytes; byte += 1) lane |= bytes[index * laneBytes + byte]! << (8 * byte);
  return lane;
}
