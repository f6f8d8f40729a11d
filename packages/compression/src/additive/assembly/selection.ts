/**
 * Selection sampling, as sampling.ts states it. A number is kept when left x word, in float64, is below needed x 2^32. Needed
 * is an integer: so it is kept when the product's floor(/ 2^32), which depends on nothing before it, is below needed.
 */

/**
 * Writes those that are kept of the numbers from `first`, one for each word. Up to three words beyond the last one are
 * read, and must not count: either `needed` is met by then, or there are none.
 * @param left numbers from `first` on that may be kept, those of later calls too
 * @param needed how many of them are
 * @param kept has room for one more than are kept
 * @returns how many of the words' numbers are kept
 */
export function select(words: usize, count: i32, left: f64, needed: u32, first: u32, kept: usize): u32 {
  const end = words + ((<usize>count) << 2);
  // Powers of two are exact in float64, whatever else is rounded.
  const apart = f64x2.splat(-2 * 2.0 ** -32);
  let lefts = f64x2(left * 2.0 ** -32, (left - 1) * 2.0 ** -32);
  let still = needed;
  for (; words < end; words += 16) {
    const four = v128.load(words);
    const one = f64x2.mul(f64x2.convert_low_i32x4_u(four), lefts);
    lefts = f64x2.add(lefts, apart);
    const other = f64x2.mul(f64x2.convert_low_i32x4_u(v128.shuffle<i64>(four, four, 1, 1)), lefts);
    lefts = f64x2.add(lefts, apart);
    const bounds = v128.shuffle<i64>(
      i32x4.trunc_sat_f64x2_u_zero(one),
      i32x4.trunc_sat_f64x2_u_zero(other),
      0,
      2,
    );
    still = keep(kept + ((<usize>(needed - still)) << 2), first, still, i32x4.extract_lane(bounds, 0));
    still = keep(kept + ((<usize>(needed - still)) << 2), first + 1, still, i32x4.extract_lane(bounds, 1));
    still = keep(kept + ((<usize>(needed - still)) << 2), first + 2, still, i32x4.extract_lane(bounds, 2));
    still = keep(kept + ((<usize>(needed - still)) << 2), first + 3, still, i32x4.extract_lane(bounds, 3));
    first += 4;
  }
  return needed - still;
}

/** Without a branch, which chance would make slow: a number that is not kept is overwritten by the next. */
function keep(kept: usize, number: u32, needed: u32, bound: u32): u32 {
  store<u32>(kept, number);
  return needed - <u32>(bound < needed);
}
