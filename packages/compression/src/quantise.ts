/**
 * Reals as small integers, without bias: a value between two levels goes up with the probability of its distance from the
 * lower one, so that its expectation is the value (stochastic rounding; Gupta et al. 2015, section 3.1). Rounding
 * to the nearest instead would lose, from every participant alike, whatever is smaller than half a level.
 */
import type { RingPlan } from './ring/ring-plan.ts';
import type { RingVector } from './ring/ring-vector.ts';

/** Uniform words: of a cryptographic generator in a tab, seeded in a simulation. */
export interface RandomWords {
  /** Overwrites all of `words`; at most 16,384 of them, which is what browsers give at once. */
  fill(words: Uint32Array<ArrayBuffer>): void;
}

export interface Quantisation {
  readonly plan: Pick<RingPlan, 'levels' | 'step'>;
  /** What values are multiplied with before they are clipped: the weight of this participant over the largest. */
  readonly scale: number;
  readonly random: RandomWords;
}

/** 64 KB of words: the most that `crypto.getRandomValues` gives at once. */
const WORDS = 16_384;
/** 29 bits of a word decide: on top of at most 23 bits of levels, float64 adds them without rounding. */
const UNUSED_BITS = 3;
const UNIT = 2 ** -29;

/**
 * Adds round(clip(scale x value / step, +-levels)) of each value to `sum`, a piece at a time.
 * @throws RangeError when a value is not finite; `sum` then holds a part of them and is of no more use
 */
export function quantiseInto(sum: RingVector, values: Float32Array, quantisation: Quantisation): void {
  if (values.length !== sum.length) {
    throw new RangeError(`${values.length} values for a vector of ${sum.length}`);
  }
  const piece = new Int32Array(Math.min(WORDS, values.length));
  for (const [from, part] of piecesOf(values)) {
    const quantised = piece.subarray(0, part.length);
    quantisePiece(quantised, part, quantisation);
    sum.addValues(quantised, from);
  }
}

/**
 * Integers within [-levels, levels].
 * @throws RangeError when a value is not finite
 */
export function quantise(values: Float32Array, quantisation: Quantisation): Int32Array<ArrayBuffer> {
  const quantised = new Int32Array(values.length);
  for (const [from, part] of piecesOf(values)) {
    quantisePiece(quantised.subarray(from, from + part.length), part, quantisation);
  }
  return quantised;
}

function* piecesOf(values: Float32Array): Generator<[number, Float32Array]> {
  for (let from = 0; from < values.length; from += WORDS) yield [from, values.subarray(from, from + WORDS)];
}

function quantisePiece(
  quantised: Int32Array,
  values: Float32Array,
  { plan: { levels, step }, scale, random }: Quantisation,
): void {
  const words = new Uint32Array(values.length);
  random.fill(words);
  const zero = roundStochastically(quantised, values, { words, factor: scale / step, levels });
  if (zero !== 0) throw new RangeError('the update holds a value that is not finite');
}

/**
 * A function of its own, so that engines need not leave their fast code when the loop ends.
 * @returns NaN as soon as one value is NaN or infinite, 0 otherwise
 */
function roundStochastically(
  quantised: Int32Array,
  values: Float32Array,
  { words, factor, levels }: { words: Uint32Array; factor: number; levels: number },
): number {
  let zero = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    zero += value * 0;
    const clipped = Math.min(Math.max(value * factor, -levels), levels);
    quantised[i] = Math.floor(clipped + (words[i]! >>> UNUSED_BITS) * UNIT);
  }
  return zero;
}
