/** Reals as integers, up or down by chance: in double precision, as the plain code computes it, operation by operation. */

/** Added to an integer below 2^51, this leaves it in the low 32 bits, in two's complement. */
const INTEGER: f64 = 6755399441055744; // 1.5 x 2^52
const UNUSED_BITS = 3;
const UNIT: f64 = 1.862645149230957e-9; // 2^-29

/**
 * rounded = floor(clip(factor x values, +-levels) + words / 2^32), four at a time: what stands behind the last value must be
 * zero up to a multiple of four, and is written there.
 * @returns the bits of the largest absolute value: those of an infinity, or more, when one is not finite
 */
export function roundClipped(
  values: usize,
  words: usize,
  count: i32,
  factor: f64,
  levels: f64,
  rounded: usize,
): i32 {
  const factors = f64x2.splat(factor);
  const highest = f64x2.splat(levels);
  const lowest = f64x2.splat(-levels);
  const absolute = i32x4.splat(0x7fffffff);
  let largest = i32x4.splat(0);
  const end = values + ((<usize>count) << 2);
  while (values < end) {
    const four = v128.load(values);
    largest = i32x4.max_u(largest, v128.and(four, absolute));
    const chance = i32x4.shr_u(v128.load(words), UNUSED_BITS);
    const first = clip(scaled(four, factors), lowest, highest);
    const second = clip(scaled(highHalf(four), factors), lowest, highest);
    v128.store(rounded, roundFour(first, second, chance));
    values += 16;
    words += 16;
    rounded += 16;
  }
  return largestOf(largest);
}

/** The same without levels, for values that are below 2^31 times the factor. */
export function roundUnclipped(values: usize, words: usize, count: i32, factor: f64, rounded: usize): i32 {
  const factors = f64x2.splat(factor);
  const absolute = i32x4.splat(0x7fffffff);
  let largest = i32x4.splat(0);
  const end = values + ((<usize>count) << 2);
  while (values < end) {
    const four = v128.load(values);
    largest = i32x4.max_u(largest, v128.and(four, absolute));
    const chance = i32x4.shr_u(v128.load(words), UNUSED_BITS);
    v128.store(rounded, roundFour(scaled(four, factors), scaled(highHalf(four), factors), chance));
    values += 16;
    words += 16;
    rounded += 16;
  }
  return largestOf(largest);
}

/** Of the low two of four floats. */
function scaled(values: v128, factors: v128): v128 {
  return f64x2.mul(f64x2.promote_low_f32x4(values), factors);
}

function clip(values: v128, lowest: v128, highest: v128): v128 {
  // Comparisons that ignore NaN and the sign of zero are one instruction.
  return f64x2.pmin(f64x2.pmax(values, lowest), highest);
}

function roundFour(first: v128, second: v128, chance: v128): v128 {
  return v128.shuffle<i32>(roundTwo(first, chance), roundTwo(second, highHalf(chance)), 0, 2, 4, 6);
}

/** Two integers, in the low 32 bits of each lane. */
function roundTwo(values: v128, chance: v128): v128 {
  const share = f64x2.mul(f64x2.convert_low_i32x4_s(chance), f64x2.splat(UNIT));
  return f64x2.add(f64x2.floor(f64x2.add(values, share)), f64x2.splat(INTEGER));
}

function highHalf(vector: v128): v128 {
  return v128.shuffle<i32>(vector, vector, 2, 3, 2, 3);
}

function largestOf(four: v128): i32 {
  const two = i32x4.max_u(four, highHalf(four));
  return i32x4.extract_lane(i32x4.max_u(two, v128.shuffle<i32>(two, two, 1, 1, 1, 1)), 0);
}
