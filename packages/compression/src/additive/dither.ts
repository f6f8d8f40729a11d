/**
 * Subtractive dither (Roberts 1962; Schuchman 1964): the chances by which a member rounds are public, and what they added is
 * subtracted from the sum. Both ways floor(x + U) is sent; knowing U halves the variance of the error, from step^2 / 6
 * to step^2 / 12, whatever was rounded, for not a byte more.
 */
import type { RandomWords } from '../stochastic-rounding.ts';
import { CHANCE_UNIT, UNUSED_BITS } from '../stochastic-rounding.ts';
import { philoxInto, philoxWords } from './philox.ts';

const PIECE = 16_384;

/** By which a member rounds. @param stream below 2^32 */
export function ditherOf(seed: Uint8Array, stream: number): RandomWords {
  return philoxWords(seed, stream);
}

/**
 * From a sum in steps, element by element: the sum over the members of U - 1/2, modulo 2^bits into
 * [-2^(bits-1), 2^(bits-1)), because the ring was sized for what is left. Exact whatever the order of the streams.
 * @param dithers of the members in the sum; `from` is where `sum` begins in their vectors (0)
 */
export function subtractDither(
  sum: Float64Array,
  dithers: {
    readonly seed: Uint8Array;
    readonly streams: readonly number[];
    readonly bits: number;
    readonly from?: number;
  },
): void {
  const { seed, streams, bits, from = 0 } = dithers;
  const words = new Uint32Array(PIECE);
  const total = new Float64Array(PIECE);
  const modulus = 2 ** bits;
  for (let start = 0; start < sum.length; start += PIECE) {
    const count = Math.min(PIECE, sum.length - start);
    total.fill(0);
    for (const stream of streams) {
      philoxInto(words.subarray(0, count), { seed, stream }, from + start);
      for (let i = 0; i < count; i += 1) total[i]! += words[i]! >>> UNUSED_BITS;
    }
    for (let i = 0; i < count; i += 1) {
      const value = sum[start + i]! - (total[i]! * CHANCE_UNIT - streams.length / 2);
      sum[start + i] = value - modulus * Math.floor(value / modulus + 0.5);
    }
  }
}
