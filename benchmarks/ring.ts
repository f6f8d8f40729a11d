/**
 * What a coordinator does with each masked update and each mask, and a tab with its update: integers modulo 2^b, added,
 * packed and quantised. Beside each stands the loop that one would write without kernels, and a copy of the same lanes,
 * which is what the memory allows. One core.
 */
import { webcrypto } from 'node:crypto';
import { createLaneSum, pack, packedBytes, quantiseInto, type RingVector } from '@tributary/compression';
import type { BenchmarkOptions, BenchmarkRow } from './benchmark.ts';
import { fastest, figure } from './fastest.ts';

/** One of each kind of lane, and widths that lie across bytes. */
const WIDTHS = [8, 15, 16, 23, 24, 32];
/** As a key stream arrives: hot in the cache. */
const CHUNK_BYTES = 131_072;

export function run({ quick }: BenchmarkOptions): BenchmarkRow[] {
  const sizes = quick ? [1_000_000] : [100_000, 1_000_000, 10_000_000];
  return sizes.flatMap((length) => WIDTHS.flatMap((bits) => measure(length, bits, quick ? 7 : 25)));
}

function measure(length: number, bits: number, repeats: number): BenchmarkRow[] {
  const sum = createLaneSum(length, bits);
  const lanes = Uint8Array.from({ length: length * sum.laneBytes }, (_, i) => Math.imul(i, 40_503) >>> 8);
  const packed = pack(
    Int32Array.from({ length }, (_, i) => Math.imul(i, 40_503)),
    bits,
  );
  const target = new Uint8Array(lanes.length);
  const update = Float32Array.from({ length }, (_, i) => Math.sin(i));
  const quantisation = {
    plan: { levels: 127, step: 1 / 127 },
    scale: 1,
    random: { fill: (words: Uint32Array<ArrayBuffer>) => void webcrypto.getRandomValues(words) },
  };

  const copySeconds = fastest(repeats, () => target.set(lanes));
  const row = (operation: string, work: () => unknown): BenchmarkRow => {
    const seconds = fastest(repeats, work);
    return {
      operation,
      bits,
      elements: length,
      nanosecondsPerElement: figure((seconds / length) * 1e9),
      timesOfACopy: figure(seconds / copySeconds),
    };
  };
  const plainSum = plainSums(length, sum.laneBytes);
  return [
    row('copy of the lanes', () => target.set(lanes)),
    row('add lanes', () => sum.add(lanes, 0)),
    row('subtract lanes, chunk by chunk', () => subtractChunks(sum, lanes)),
    row('add lanes, plain loop', () => addPlainly(plainSum, lanes)),
    row('add packed', () => sum.addPacked(packed)),
    row('pack', () => sum.packed()),
    row('signed values', () => sum.signedValues()),
    row('quantise', () => quantiseInto(sum, update, quantisation)),
  ];
}

function subtractChunks(sum: RingVector, lanes: Uint8Array): void {
  const elements = Math.floor(CHUNK_BYTES / sum.laneBytes);
  const chunk = lanes.subarray(0, packedBytes(elements, 8 * sum.laneBytes));
  for (let at = 0; at < sum.length; at += elements) {
    const left = (sum.length - at) * sum.laneBytes;
    sum.subtract(left < chunk.length ? chunk.subarray(0, left) : chunk, at);
  }
}

type PlainSums = Uint8Array | Uint16Array | Uint32Array;

function plainSums(length: number, laneBytes: number): PlainSums {
  if (laneBytes === 1) return new Uint8Array(length);
  return laneBytes === 2 ? new Uint16Array(length) : new Uint32Array(length);
}

function addPlainly(sum: PlainSums, lanes: Uint8Array): void {
  const laneBytes = lanes.length / sum.length;
  if (laneBytes === 3) addThreeBytes(sum, lanes);
  else if (laneBytes === 1) addWhole(sum, lanes);
  else if (laneBytes === 2) addWhole(sum, new Uint16Array(lanes.buffer, lanes.byteOffset, sum.length));
  else addWhole(sum, new Uint32Array(lanes.buffer, lanes.byteOffset, sum.length));
}

function addWhole(sum: PlainSums, lanes: PlainSums): void {
  for (let i = 0; i < sum.length; i += 1) sum[i]! += lanes[i]!;
}

function addThreeBytes(sum: PlainSums, lanes: Uint8Array): void {
  for (let i = 0, at = 0; i < sum.length; i += 1, at += 3) {
    sum[i]! += lanes[at]! | (lanes[at + 1]! << 8) | (lanes[at + 2]! << 16);
  }
}
