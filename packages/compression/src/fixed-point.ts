/**
 * Fixed point: reals as integers at scale 2^f, so that sums are exact and arrival order cannot change a bit.
 *
 * The accumulator is a `Float64Array` that only ever holds integers below 2^53. Within that range float64
 * addition is integer addition, and it is several times faster than BigInt64Array in every engine.
 * `fixedPointFor` proves at configuration time that no sum can leave the range.
 */

/** Half of what float64 holds exactly, so that rounding by `ROUNDING` stays exact, too. */
const EXACT_LIMIT = 2 ** 52;
const MAXIMUM_FRACTIONAL_BITS = 30;
const MINIMUM_FRACTIONAL_BITS = 12;

/**
 * Adding and subtracting this rounds |x| <= 2^51 to the nearest integer, ties to even: at this magnitude the unit in
 * the last place is 1. IEEE 754 leaves no choice to an engine, and it is twice as fast as `Math.round`.
 */
const ROUNDING = 1.5 * 2 ** 52;

export interface FixedPoint {
  /** f: one unit in the last place is 2^-f. */
  readonly fractionalBits: number;
  /** Values outside [-valueBound, valueBound] are refused. */
  readonly valueBound: number;
  /** Largest sum of weights that stays exact. */
  readonly totalWeight: number;
}

/**
 * The finest fixed point whose weighted sum is exact: `valueBound x 2^f x totalWeight <= 2^52`.
 * @returns undefined when fewer than 12 fractional bits would remain
 */
export function fixedPointFor(limits: { valueBound: number; totalWeight: number }): FixedPoint | undefined {
  const headroom = EXACT_LIMIT / (limits.valueBound * limits.totalWeight);
  // Logarithms may be off by one in the last place; the bit that is given away pays for it.
  const fractionalBits = Math.min(MAXIMUM_FRACTIONAL_BITS, Math.floor(Math.log2(headroom)) - 1);
  return fractionalBits >= MINIMUM_FRACTIONAL_BITS ? { fractionalBits, ...limits } : undefined;
}

/** Nearest integer at scale 2^f, ties to even. */
export function toFixedPoint(value: number, fixedPoint: FixedPoint): number {
  return value * 2 ** fixedPoint.fractionalBits + ROUNDING - ROUNDING;
}

/** Adds `weight x toFixedPoint(values)` to `sum`. The caller has checked that values lie within the bound. */
export function accumulate(
  sum: Float64Array,
  values: Float32Array,
  options: { weight: number; fixedPoint: FixedPoint },
): void {
  const scale = 2 ** options.fixedPoint.fractionalBits;
  const { weight } = options;
  // Four at a time: the engine neither unrolls nor hoists its bounds checks by itself (`npm run bench aggregate`).
  const whole = sum.length - (sum.length % 4);
  for (let i = 0; i < whole; i += 4) {
    sum[i] = sum[i]! + weight * (values[i]! * scale + ROUNDING - ROUNDING);
    sum[i + 1] = sum[i + 1]! + weight * (values[i + 1]! * scale + ROUNDING - ROUNDING);
    sum[i + 2] = sum[i + 2]! + weight * (values[i + 2]! * scale + ROUNDING - ROUNDING);
    sum[i + 3] = sum[i + 3]! + weight * (values[i + 3]! * scale + ROUNDING - ROUNDING);
  }
  for (let i = whole; i < sum.length; i += 1) {
    sum[i] = sum[i]! + weight * (values[i]! * scale + ROUNDING - ROUNDING);
  }
}

/** `sum / 2^f / totalWeight` in float64: the weighted mean of what was accumulated. */
export function decodeMean(
  sum: Float64Array,
  options: { totalWeight: number; fixedPoint: FixedPoint },
): Float64Array {
  const divisor = 2 ** options.fixedPoint.fractionalBits * options.totalWeight;
  return sum.map((value) => value / divisor);
}
