/** Reals as integers, up or down by chance: in double precision, as the plain code computes it, operation by operation. */

/** Added to an integer below 2^51, this leaves it in the low 32 bits, in two's complement. */
const INTEGER: f64 = 6755399441055744; // 1.5 x 2^52
const UNUSED_BITS = 3;
const UNIT: f64 = 1.862645149230957e-9; // 2^-29

/**
 * quantised = floor(clip(factor x values, +-levels) + words / 2^32), four at a time: what stands behind the last value must be
 * zero up to a multiple of four, and is written there.
 * @returns NaN when a value is NaN or infinite, 0 otherwise
 */
export function roundStochastically(
  values: usize,
  words: usize,
  count: i32,
  factor: f64,
  levels: f64,
  quantised: usize,
): f32 {
  const factors = f64x2.splat(factor);
  const highest = f64x2.splat(levels);
  const lowest = f64x2.splat(-levels);
  const zero = f32x4.splat(0);
  let zeros = zero;
  const end = values + ((<usize>count) << 2);
  while (values < end) {
    const four = v128.load(values);
    zeros = f32x4.add(zeros, f32x4.mul(four, zero));
    const chance = i32x4.shr_u(v128.load(words), UNUSED_BITS);
    const first = roundTwo(four, chance, factors, lowest, highest);
    const second = roundTwo(highHalf(four), highHalf(chance), factors, lowest, highest);
    v128.store(quantised, v128.shuffle<i32>(first, second, 0, 2, 4, 6));
    values += 16;
    words += 16;
    quantised += 16;
  }
  return (
    f32x4.extract_lane(zeros, 0) +
    f32x4.extract_lane(zeros, 1) +
    f32x4.extract_lane(zeros, 2) +
    f32x4.extract_lane(zeros, 3)
  );
}

/** The low halves of four floats and four words as two integers, in the low 32 bits of each lane. */
function roundTwo(values: v128, chance: v128, factors: v128, lowest: v128, highest: v128): v128 {
  const exact = f64x2.mul(f64x2.promote_low_f32x4(values), factors);
  // Comparisons that ignore NaN and the sign of zero are one instruction.
  const clipped = f64x2.pmin(f64x2.pmax(exact, lowest), highest);
  const share = f64x2.mul(f64x2.convert_low_i32x4_s(chance), f64x2.splat(UNIT));
  return f64x2.add(f64x2.floor(f64x2.add(clipped, share)), f64x2.splat(INTEGER));
}

function highHalf(vector: v128): v128 {
  return v128.shuffle<i32>(vector, vector, 2, 3, 2, 3);
}
