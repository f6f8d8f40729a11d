/** floor(clip(value) + chance), a piece at a time: plainly, or in WebAssembly with the same bits. */
import { openRingKernels } from './ring/kernels.ts';

/** Uniform words: of a cryptographic generator in a tab, seeded in a simulation. */
export interface RandomWords {
  /** Overwrites all of `words`; at most 16,384 of them, which is what browsers give at once. */
  fill(words: Uint32Array<ArrayBuffer>): void;
}

export interface Rounding {
  readonly pieceLength: number;
  /**
   * Integers within [-levels, levels], good until the next call.
   * @throws RangeError when a value is not finite
   */
  round(values: Float32Array, how: RoundingOptions): Int32Array;
}

export interface RoundingOptions {
  readonly factor: number;
  readonly levels: number;
  readonly random: RandomWords;
}

/** 64 KB of words: the most that `crypto.getRandomValues` gives at once. */
const PIECE = 16_384;
const PIECE_BYTES = 4 * PIECE;
/** 29 bits of a word decide: on top of at most 23 bits of levels, float64 adds them without rounding. */
export const UNUSED_BITS = 3;
/** What the lowest of them is worth. */
export const CHANCE_UNIT = 2 ** -29;

/** Below this many values, a memory of WebAssembly costs more than it saves. */
const FEW = 65_536;

export function openRounding(length: number): Rounding {
  return (length > FEW ? openWasmRounding() : null) ?? openPlainRounding();
}

export function openPlainRounding(): Rounding {
  const wordBuffer = new Uint32Array(PIECE);
  const integers = new Int32Array(PIECE);
  return {
    pieceLength: PIECE,
    round: (values, { factor, levels, random }) => {
      const words = wordBuffer.subarray(0, values.length);
      random.fill(words);
      const rounded = integers.subarray(0, values.length);
      checkZero(roundPlainly(values, { words, factor, levels, rounded }));
      return rounded;
    },
  };
}

/** Addresses below the first one are the compiler's. */
const VALUES = 1024;
const WORDS = VALUES + PIECE_BYTES;
const INTEGERS = WORDS + PIECE_BYTES;

/** Null where WebAssembly SIMD cannot run. */
export function openWasmRounding(): Rounding | null {
  const opened = openRingKernels(INTEGERS + PIECE_BYTES);
  if (opened === null) return null;
  const { kernels, buffer } = opened;
  const staged = new Float32Array(buffer, VALUES, PIECE);
  return {
    pieceLength: PIECE,
    round: (values, { factor, levels, random }) => {
      const { length } = values;
      staged.set(values);
      // The kernel takes four at a time.
      staged.fill(0, length, Math.ceil(length / 4) * 4);
      random.fill(new Uint32Array(buffer, WORDS, length));
      checkZero(kernels.roundStochastically(VALUES, WORDS, length, factor, levels, INTEGERS));
      return new Int32Array(buffer, INTEGERS, length);
    },
  };
}

function checkZero(zero: number): void {
  if (zero !== 0) throw new RangeError('the update holds a value that is not finite');
}

/**
 * A function of its own, so that engines need not leave their fast code when the loop ends.
 * @returns NaN when a value is NaN or infinite, 0 otherwise
 */
function roundPlainly(
  values: Float32Array,
  into: { words: Uint32Array; factor: number; levels: number; rounded: Int32Array },
): number {
  const { words, factor, levels, rounded } = into;
  let zero = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    zero += value * 0;
    const clipped = Math.min(Math.max(value * factor, -levels), levels);
    rounded[i] = Math.floor(clipped + (words[i]! >>> UNUSED_BITS) * CHANCE_UNIT);
  }
  return zero;
}
