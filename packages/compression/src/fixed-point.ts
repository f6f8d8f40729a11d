/**
 * Fixed point: reals as integers at scale 2^f, so that sums are exact and arrival order cannot change a bit.
 *
 * The accumulator is a `Float64Array` that only ever holds integers below 2^53. Within that range float64
 * addition is integer addition, and it is several times faster than BigInt64Array in every engine.
 * `fixedPointFor` proves at configuration time that no sum can leave the range.
 */

/** Integers up to this are exact in float64. */
const EXACT_LIMIT = 2 ** 53;
const MAXIMUM_FRACTIONAL_BITS = 30;
const MINIMUM_FRACTIONAL_BITS = 12;

export interface FixedPoint {
  /** f: one unit in the last place is 2^-f. */
  readonly fractionalBits: number;
  /** Values outside [-valueBound, valueBound] are refused. */
  readonly valueBound: number;
  /** Largest sum of weights that stays exact. */
  readonly totalWeight: number;
}

/**
 * The finest fixed point whose weighted sum is exact: `valueBound x 2^f x totalWeight <= 2^53`.
 * @returns undefined when fewer than 12 fractional bits would remain
 */
export function fixedPointFor(limits: { valueBound: number; totalWeight: number }): FixedPoint | undefined {
  const headroom = EXACT_LIMIT / (limits.valueBound * limits.totalWeight);
  const fractionalBits = Math.min(MAXIMUM_FRACTIONAL_BITS, Math.floor(Math.log2(headroom)) - 1);
  return fractionalBits >= MINIMUM_FRACTIONAL_BITS ? { fractionalBits, ...limits } : undefined;
}

/** Nearest integer at scale 2^f; ties away from negative infinity, as `Math.round`. */
export function toFixedPoint(value: number, fixedPoint: FixedPoint): number {
  return Math.round(value * 2 ** fixedPoint.fractionalBits);
}

/** Adds `weight x toFixedPoint(values)` to `sum`. The caller has checked that values lie within the bound. */
export function accumulate(
  sum: Float64Array,
  values: Float32Array,
  options: { weight: number; fixedPoint: FixedPoint },
): void {
  const scale = 2 ** options.fixedPoint.fractionalBits;
  const { weight } = options;
  for (let i = 0; i < sum.length; i += 1) sum[i] = sum[i]! + weight * Math.round(values[i]! * scale);
}

/** `sum / 2^f / totalWeight` in float64: the weighted mean of what was accumulated. */
export function decodeMean(
  sum: Float64Array,
  options: { totalWeight: number; fixedPoint: FixedPoint },
): Float64Array {
  const divisor = 2 ** options.fixedPoint.fractionalBits * options.totalWeight;
  return sum.map((value) => value / divisor);
}
