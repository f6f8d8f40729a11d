/**
 * Subtractive dither (Roberts 1962; Schuchman 1964): the chances by which a member rounds are public, and what they added is
 * subtracted from the sum. Both ways floor(x + U) is sent; knowing U halves the variance of the error, from step^2 / 6
 * to step^2 / 12, whatever was rounded, for not a byte more.
 */
import type { RandomWords } from '../stochastic-rounding.ts';
import { CHANCE_UNIT } from '../stochastic-rounding.ts';
import { type Dithers, sumOfChances } from './chances.ts';
import { philoxWords } from './philox.ts';

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
  { bits, from = 0, ...dithers }: Dithers & { readonly bits: number; readonly from?: number },
): void {
  const chances = sumOfChances(sum.length);
  const mean = dithers.streams.length / 2;
  const modulus = 2 ** bits;
  // A power of two: the product is the quotient, to the bit.
  const inverse = 1 / modulus;
  for (let start = 0; start < sum.length; start += chances.pieceLength) {
    const count = Math.min(chances.pieceLength, sum.length - start);
    const total = chances.sum(dithers, { from: from + start, count });
    for (let i = 0; i < count; i += 1) {
      const value = sum[start + i]! - (total[i]! * CHANCE_UNIT - mean);
      sum[start + i] = value - modulus * Math.floor(value * inverse + 0.5);
    }
  }
}
