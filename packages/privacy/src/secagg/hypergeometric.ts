/**
 * How many marked members a draw without replacement holds, and how probable its tails are.
 *
 * Tab and coordinator both compute degree and threshold from these tails and must agree to the last bit. So nothing
 * but integer arithmetic and IEEE 754 addition, multiplication and division is used: `Math.log` and its kind may differ
 * from engine to engine. Weights are relative to the most probable count, which needs no factorials.
 *
 * Error: neighbouring weights differ by one exact fraction, two roundings. With a support of s counts, a tail is right
 * to 6 s 2^-53 of itself (2^-41 for s = 600) as long as it is above 2^-900; below it is at most 2^-899.
 */

export interface Draw {
  readonly population: number;
  readonly marked: number;
  readonly drawn: number;
}

export interface Tails {
  /** The smallest and the largest possible count. */
  readonly lowest: number;
  readonly highest: number;
  /** Pr[count >= x], for any integer x. */
  atLeast(x: number): number;
  /** Pr[count < x], for any integer x. */
  below(x: number): number;
}

/** The population is at most 2^26, so that products of two counts are exact. */
export function tailsOf(draw: Draw): Tails {
  const lowest = Math.max(0, draw.drawn + draw.marked - draw.population);
  const highest = Math.min(draw.drawn, draw.marked);
  const weights = relativeWeights(draw, { lowest, highest });
  const fromBelow = runningSums(weights);
  const fromAbove = runningSums(weights.toReversed());
  const total = fromBelow.at(-1)!;
  const share = (sums: Float64Array, counts: number) =>
    counts <= 0 ? 0 : counts >= sums.length ? 1 : sums[counts - 1]! / total;
  return {
    lowest,
    highest,
    atLeast: (x) => share(fromAbove, highest - x + 1),
    below: (x) => share(fromBelow, x - lowest),
  };
}

/** Pr[count = lowest + i], divided by the probability of the mode. */
function relativeWeights(draw: Draw, { lowest, highest }: { lowest: number; highest: number }): Float64Array {
  const { population, marked, drawn } = draw;
  const weights = new Float64Array(highest - lowest + 1);
  const mode = Math.floor(((drawn + 1) * (marked + 1)) / (population + 2));
  const start = Math.min(Math.max(mode, lowest), highest);
  weights[start - lowest] = 1;
  for (let x = start; x < highest; x += 1) {
    const step = ((marked - x) * (drawn - x)) / ((x + 1) * (population - marked - drawn + x + 1));
    weights[x + 1 - lowest] = weights[x - lowest]! * step;
  }
  for (let x = start; x > lowest; x -= 1) {
    const step = (x * (population - marked - drawn + x)) / ((marked - x + 1) * (drawn - x + 1));
    weights[x - 1 - lowest] = weights[x - lowest]! * step;
  }
  return weights;
}

function runningSums(weights: Float64Array): Float64Array {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) {
    sum += weights[i]!;
    sums[i] = sum;
  }
  return sums;
}
