/**
 * Selection sampling (Knuth, The art of computer programming 2, section 3.4.2, algorithm S): draws a number of all numbers
 * below another, each set alike, ascending, by a word for each number.
 */
import { openLinearKernels } from './kernels.ts';
import { type PhiloxStream, philoxInto, placeWords } from './philox.ts';

export interface Draw {
  /** Numbers below it are drawn from. */
  readonly all: number;
  readonly count: number;
  /** Word of the stream that decides about number 0. */
  readonly from: number;
}

export type Selection = (stream: PhiloxStream, draw: Draw) => Uint32Array<ArrayBuffer>;

const PIECE = 4096;
/** Up to so many numbers, kernels are not worth a call. */
const FEW = 64;
/** Opened once: it holds nothing between calls. */
let inWebAssembly: Selection | undefined;

/** @returns `count` numbers */
export function select(stream: PhiloxStream, draw: Draw): Uint32Array<ArrayBuffer> {
  if (draw.all <= FEW) return selectPlainly(stream, draw);
  inWebAssembly ??= openWasmSelection() ?? selectPlainly;
  return inWebAssembly(stream, draw);
}

export function selectPlainly(stream: PhiloxStream, { all, count, from }: Draw): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(PIECE);
  const chosen = new Uint32Array(count);
  let found = 0;
  for (let start = 0; start < all; start += PIECE) {
    const piece = words.subarray(0, Math.min(PIECE, all - start));
    philoxInto(piece, stream, from + start);
    for (let i = 0; i < piece.length; i += 1) {
      const left = all - start - i;
      if (left * piece[i]! >= (count - found) * 2 ** 32) continue;
      chosen[found] = start + i;
      found += 1;
    }
  }
  return chosen;
}

/** Addresses below the first one are the compiler's. Words come from and to the end of what is computed at a time. */
const WORDS = 1024;
const CHOSEN = WORDS + 4 * (PIECE + 16);

/** Null where WebAssembly SIMD cannot run. */
export function openWasmSelection(): Selection | null {
  const opened = openLinearKernels(CHOSEN + 4 * (PIECE + 1));
  if (opened === null) return null;
  const { kernels, buffer } = opened;
  const pieceChosen = new Uint32Array(buffer, CHOSEN, PIECE);
  return (stream, { all, count, from }) => {
    const chosen = new Uint32Array(count);
    let found = 0;
    for (let start = 0; start < all; start += PIECE) {
      const length = Math.min(PIECE, all - start);
      const words = placeWords({ kernels, at: WORDS }, stream, { from: from + start, count: length });
      const more = kernels.select(words, length, all - start, count - found, start, CHOSEN);
      chosen.set(pieceChosen.subarray(0, more), found);
      found += more;
    }
    return chosen;
  };
}
