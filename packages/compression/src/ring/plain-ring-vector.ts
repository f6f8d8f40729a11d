/** The plain way to add modulo 2^b: what the kernels are compared with, and what runs where there are none. */
import { pack, packedBytes, unpack } from '../pack.ts';
import { type Accumulators, accumulatorsOf } from './accumulators.ts';
import { checkRange, checkSameRing, laneBytesOf, packedCount, packedStart } from './places.ts';
import type { RingVector } from './ring-vector.ts';

/** Elements that are unpacked at a time: a multiple of eight. */
const PIECE = 8192;

export function createPlainRingVector(length: number, bits: number): RingVector {
  return createRingVectorOver(accumulatorsOf({ length, bits }), bits);
}

/** @param sum where the sums are, and may be added to by others */
export function createRingVectorOver(sum: Accumulators, bits: number): RingVector {
  const { length } = sum;
  const laneBytes = laneBytesOf(bits);
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
      for (let from = 0; from < count; from += PIECE) {
        const elements = unpack(bytes.subarray(packedBytes(from, bits)), bits, Math.min(PIECE, count - from));
        for (let i = 0; i < elements.length; i += 1) sum[at + from + i]! += elements[i]!;
      }
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
      let at = 0;
      for (let i = from; i < to; i += 1) {
        const element = sum[i]! & mask;
        for (let shift = 0; shift < 8 * laneBytes; shift += 8) {
          bytes[at] = element >>> shift;
          at += 1;
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
      const values = new Int32Array(to - from);
      for (let i = from; i < to; i += 1) values[i - from] = (sum[i]! << unused) >> unused;
      return values;
    },
  };
}

function laneAt(bytes: Uint8Array, index: number, laneBytes: number): number {
  let lane = 0;
  for (let byte = 0; byte < laneBytes; byte += 1) lane |= bytes[index * laneBytes + byte]! << (8 * byte);
  return lane;
}
