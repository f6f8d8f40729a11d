/** floor(clip(value) + chance), a piece at a time: plainly, or in WebAssembly with the same bits. */
import { CodecError } from './errors.ts';
import { openRingKernels } from './ring/kernels.ts';

/** Uniform words: of a cryptographic generator in a tab, seeded in a simulation. */
export interface RandomWords {
  /** Overwrites all of `words`; at most 16,384 of them, which is what browsers give at once. */
  fill(words: Uint32Array<ArrayBuffer>): void;
}

export interface Rounding {
  readonly pieceLength: number;
  /**
   * Integers within [-levels, levels], good until the next call. Without levels they are modulo 2^32, of which any ring is
   * a part: whatever the step, a finite value is never refused, because a refusal would tell how large it is.
   * @throws CodecError `codec-not-finite`
   */
  round(values: Float32Array, how: RoundingOptions): Int32Array;
}

export interface RoundingOptions {
  readonly factor: number;
  /** Null: nothing is clipped. */
  readonly levels: number | null;
  readonly random: RandomWords;
}

/** 64 KB of words: the most that `crypto.getRandomValues` gives at once. */
const PIECE = 16_384;
const PIECE_BYTES = 4 * PIECE;
/**
 * 29 bits of a word decide: on top of at most 23 bits of levels, float64 adds them without rounding. What is not clipped may
 * have more, up to 31: then chances are rounded themselves, and expectations are off by at most 2^-22 of a step.
 */
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
      checkFinite(magnitudeOf(values));
      roundPlainly(values, { words, factor, levels: levels ?? Number.POSITIVE_INFINITY, rounded });
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
      const words = new Uint32Array(buffer, WORDS, length);
      random.fill(words);
      const magnitude =
        levels === null
          ? kernels.roundUnclipped(VALUES, WORDS, length, factor, INTEGERS)
          : kernels.roundClipped(VALUES, WORDS, length, factor, levels, INTEGERS);
      checkFinite(magnitude);
      const rounded = new Int32Array(buffer, INTEGERS, length);
      if (levels === null && isBeyondKernels(magnitude, factor)) {
        roundPlainly(values, { words, factor, levels: Number.POSITIVE_INFINITY, rounded });
      }
      return rounded;
    },
  };
}

/** The bits of an infinity; those of NaN are above, those of other numbers below. */
const INFINITE = 0x7f800000;
/** Steps: kernels leave integers in the low bits of a float64, which has room for 2^51. */
const BEYOND_KERNELS = 2 ** 50;

/** @param magnitude bits of the largest absolute value, as a float32 */
function checkFinite(magnitude: number): void {
  if (magnitude >= INFINITE)
    throw new CodecError('codec-not-finite', 'the update holds a value that is not finite');
}

function isBeyondKernels(magnitude: number, factor: number): boolean {
  const [largest] = new Float32Array(Uint32Array.of(magnitude).buffer);
  return largest! * Math.abs(factor) >= BEYOND_KERNELS;
}

/** Without their signs, floats are in the order of their bits. */
function magnitudeOf(values: Float32Array): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let largest = 0;
  for (let i = 0; i < bits.length; i += 1) largest = Math.max(largest, bits[i]! & 0x7fffffff);
  return largest;
}

/** A function of its own, so that engines need not leave their fast code when the loop ends. */
function roundPlainly(
  values: Float32Array,
  into: { words: Uint32Array; factor: number; levels: number; rounded: Int32Array },
): void {
  const { words, factor, levels, rounded } = into;
  for (let i = 0; i < values.length; i += 1) {
    const clipped = Math.min(Math.max(values[i]! * factor, -levels), levels);
    // Integers are stored modulo 2^32.
    rounded[i] = Math.floor(clipped + (words[i]! >>> UNUSED_BITS) * CHANCE_UNIT);
  }
}
