/** A ring vector whose sums lie in the memory of WebAssembly, where 128-bit SIMD adds to them. */
import { packedBytes } from '../pack.ts';
import { accumulatorBytesOf, accumulatorsOf } from './accumulators.ts';
import { openRingKernels, type RingKernels } from './kernels.ts';
import { checkRange, packedCount, packedStart } from './places.ts';
import { createRingVectorOver } from './plain-ring-vector.ts';
import type { RingVector } from './ring-vector.ts';
import { writeSpreadTable } from './spread-table.ts';

/** Addresses below this one are the compiler's. */
const TABLE = 1024;
const STAGING = 2048;
/** Bytes come in and go out in pieces, which stay in the second-level cache between the copy and the kernel. */
const STAGING_BYTES = 131_072;
/** Kernels read and write so much beyond the end of a piece. */
const SLACK_BYTES = 64;
const SUM = STAGING + STAGING_BYTES + SLACK_BYTES;
/** Elements of a piece are a multiple of this: whole iterations of every kernel, whole bytes of every width. */
const PIECE_GRAIN = 64;

/** Null where WebAssembly SIMD cannot run. */
export function createWasmRingVector(length: number, bits: number): RingVector | null {
  const sumBytes = accumulatorBytesOf(bits);
  const opened = openRingKernels(SUM + length * sumBytes);
  if (opened === null) return null;
  const { buffer } = opened;
  const plain = createRingVectorOver(accumulatorsOf({ length, bits, buffer, at: SUM }), bits);
  const laneWidth = 8 * plain.laneBytes;
  const { add, subtract, addPacked, addValues, pack } = kernelsFor(opened.kernels, bits);
  const staging = new Uint8Array(buffer, STAGING, STAGING_BYTES);
  writeSpreadTable(new DataView(buffer, TABLE), bits);

  /** Stages the bytes a piece at a time, and has each added. */
  const takeIn = (bytes: Uint8Array, elements: Elements, kernel: AddStaged): void => {
    checkRange({ length, ...elements });
    for (const { first, count, from, to } of piecesOf(elements)) {
      staging.set(bytes.subarray(from, to));
      kernel(SUM + first * sumBytes, STAGING, count, bits, TABLE);
    }
  };

  const giveOut = (elements: Elements): Uint8Array<ArrayBuffer> => {
    checkRange({ length, ...elements });
    const bytes = new Uint8Array(packedBytes(elements.count, elements.width));
    for (const { first, count, from, to } of piecesOf(elements)) {
      pack(SUM + first * sumBytes, count, bits, elements.width, STAGING);
      bytes.set(staging.subarray(0, to - from), from);
    }
    return bytes;
  };

  return {
    ...plain,
    add: (bytes, at) => takeIn(bytes, { at, count: bytes.length / plain.laneBytes, width: laneWidth }, add),
    subtract: (bytes, at) =>
      takeIn(bytes, { at, count: bytes.length / plain.laneBytes, width: laneWidth }, subtract),
    addPacked: (bytes, at = 0) => {
      const count = packedCount({ length, bits, at, size: bytes.length });
      takeIn(bytes, { at, count, width: bits }, addPacked);
    },
    addValues: (values, at = 0) => {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      takeIn(bytes, { at, count: values.length, width: 32 }, addValues);
    },
    lanes: (from = 0, to = length) => giveOut({ at: from, count: to - from, width: laneWidth }),
    packed: (from = 0, to = length) => {
      packedStart(from, bits);
      return giveOut({ at: from, count: to - from, width: bits });
    },
  };
}

/** `count` elements from `at`, of `width` bits each outside of the vector. */
interface Elements {
  readonly at: number;
  readonly count: number;
  readonly width: number;
}

interface Piece {
  readonly first: number;
  readonly count: number;
  /** Bytes outside of the vector. */
  readonly from: number;
  readonly to: number;
}

/** As many elements at a time as staging holds. */
function* piecesOf({ at, count, width }: Elements): Generator<Piece> {
  const fitting = Math.floor((8 * STAGING_BYTES) / width);
  const most = fitting - (fitting % PIECE_GRAIN);
  for (let done = 0; done < count; done += most) {
    const next = Math.min(done + most, count);
    yield {
      first: at + done,
      count: next - done,
      from: packedBytes(done, width),
      to: packedBytes(next, width),
    };
  }
}

type AddStaged = (sum: number, staged: number, count: number, bits: number, table: number) => void;

interface KernelsForWidth {
  readonly add: AddStaged;
  readonly subtract: AddStaged;
  readonly addPacked: AddStaged;
  readonly addValues: AddStaged;
  readonly pack: RingKernels['pack1'];
}

function kernelsFor(kernels: RingKernels, bits: number): KernelsForWidth {
  if (bits <= 8) {
    return {
      add: kernels.addLanes1,
      subtract: kernels.subtractLanes1,
      addPacked: bits === 8 ? kernels.addLanes1 : kernels.addPacked1,
      addValues: kernels.addValues1,
      pack: kernels.pack1,
    };
  }
  if (bits <= 16) {
    return {
      add: kernels.addLanes2,
      subtract: kernels.subtractLanes2,
      addPacked: bits === 16 ? kernels.addLanes2 : kernels.addPacked2,
      addValues: kernels.addValues2,
      pack: kernels.pack2,
    };
  }
  const wide = { addValues: kernels.addLanes4, pack: kernels.pack4 };
  if (bits <= 24) {
    return {
      ...wide,
      add: kernels.addLanes3,
      subtract: kernels.subtractLanes3,
      addPacked: bits === 24 ? kernels.addLanes3 : kernels.addPacked4,
    };
  }
  const packedBeyondFourBytes = bits === 32 ? kernels.addLanes4 : kernels.addPacked5;
  return {
    ...wide,
    add: kernels.addLanes4,
    subtract: kernels.subtractLanes4,
    addPacked: bits === 25 ? kernels.addPacked4 : packedBeyondFourBytes,
  };
}
