/**
 * Reals as small integers, without bias: a value between two levels goes up with the probability of its distance from the
 * lower one, so that its expectation is the value (stochastic rounding; Gupta et al. 2015, section 3.1). Rounding
 * to the nearest instead would lose, from every participant alike, whatever is smaller than half a level.
 */
import type { RingPlan } from './ring/ring-plan.ts';
import type { RingVector } from './ring/ring-vector.ts';
import { openRounding, type RandomWords } from './stochastic-rounding.ts';

export interface Quantisation {
  /** Without levels nothing is clipped: codes are as large as values are, and the ring takes them modulo 2^b. */
  readonly plan: Pick<RingPlan, 'step'> & { readonly levels: number | null };
  /** What values are multiplied with before they are clipped: the weight of this participant over the largest. */
  readonly scale: number;
  readonly random: RandomWords;
}

/**
 * Adds round(clip(scale x value / step, +-levels)) of each value to `sum`, a piece at a time.
 * @throws CodecError `codec-not-finite`; `sum` then holds a part of them and is of no more use
 */
export function quantiseInto(sum: RingVector, values: Float32Array, quantisation: Quantisation): void {
  if (values.length !== sum.length) {
    throw new RangeError(`${values.length} values for a vector of ${sum.length}`);
  }
  for (const [from, piece] of quantisedPieces(values, quantisation)) sum.addValues(piece, from);
}

/**
 * Integers within [-levels, levels]; without levels, modulo 2^32.
 * @throws CodecError as `quantiseInto` does
 */
export function quantise(values: Float32Array, quantisation: Quantisation): Int32Array<ArrayBuffer> {
  const quantised = new Int32Array(values.length);
  for (const [from, piece] of quantisedPieces(values, quantisation)) quantised.set(piece, from);
  return quantised;
}

/**
 * The same a piece at a time, some milliseconds of work at most: where it begins, and integers that are good until the next.
 * @throws CodecError as `quantiseInto` does
 */
export function* quantisedPieces(
  values: Float32Array,
  { plan: { levels, step }, scale, random }: Quantisation,
): Generator<[number, Int32Array]> {
  const { pieceLength, round } = openRounding(values.length);
  for (let from = 0; from < values.length; from += pieceLength) {
    const piece = values.subarray(from, from + pieceLength);
    yield [from, round(piece, { factor: scale / step, levels, random })];
  }
}
