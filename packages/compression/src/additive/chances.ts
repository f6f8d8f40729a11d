/** What public dithers of members add up to, in units of a chance: plainly, or in WebAssembly with the same bits. */
import { UNUSED_BITS } from '../stochastic-rounding.ts';
import { openLinearKernels } from './kernels.ts';
import { philoxInto, placeWords } from './philox.ts';

export interface Dithers {
  /** 32 bytes, public. */
  readonly seed: Uint8Array;
  /** Of the members. */
  readonly streams: readonly number[];
}

export interface Chances {
  readonly pieceLength: number;
  /** @returns exact sums for elements [from, from + count), `pieceLength` at most: good until the next call */
  sum(dithers: Dithers, elements: { readonly from: number; readonly count: number }): Float64Array;
}

/** Elements at a time: they stay within the first-level cache while one member after another is added. */
const PIECE = 4096;
/** Up to so many elements, kernels are not worth a call. */
const FEW = 64;
/** Opened once: it holds nothing between calls. */
let inWebAssembly: Chances | undefined;

export function sumOfChances(length: number): Chances {
  if (length <= FEW) return openPlainChances();
  inWebAssembly ??= openWasmChances() ?? openPlainChances();
  return inWebAssembly;
}

export function openPlainChances(): Chances {
  return {
    pieceLength: PIECE,
    sum: ({ seed, streams }, { from, count }) => {
      const words = new Uint32Array(count);
      const sums = new Float64Array(count);
      for (const stream of streams) {
        philoxInto(words, { seed, stream }, from);
        for (let i = 0; i < count; i += 1) sums[i]! += words[i]! >>> UNUSED_BITS;
      }
      return sums;
    },
  };
}

/** Addresses below the first one are the compiler's. Words come from and to the end of what is computed at a time. */
const WORDS = 1024;
const SUMS = WORDS + 4 * (PIECE + 16);

/** Null where WebAssembly SIMD cannot run. */
export function openWasmChances(): Chances | null {
  // The kernel adds up four at a time.
  const opened = openLinearKernels(SUMS + 8 * (PIECE + 4));
  if (opened === null) return null;
  const { kernels, buffer } = opened;
  const sums = new Float64Array(buffer, SUMS, PIECE);
  return {
    pieceLength: PIECE,
    sum: ({ seed, streams }, { from, count }) => {
      sums.fill(0);
      for (const stream of streams) {
        kernels.addChances(
          SUMS,
          placeWords({ kernels, at: WORDS }, { seed, stream }, { from, count }),
          count,
        );
      }
      return sums.subarray(0, count);
    },
  };
}
