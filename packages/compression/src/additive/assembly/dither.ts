/** By which members round, added up in float64: exact below 2^24 of them. */

/** sums += words >>> 3, as rounding takes them. Up to three beyond the last one are changed, too. */
export function addChances(sums: usize, words: usize, count: i32): void {
  const end = words + ((<usize>count) << 2);
  for (; words < end; words += 16, sums += 32) {
    const chances = i32x4.shr_u(v128.load(words), 3);
    const later = v128.shuffle<i64>(chances, chances, 1, 1);
    v128.store(sums, f64x2.add(v128.load(sums), f64x2.convert_low_i32x4_s(chances)));
    v128.store(sums, f64x2.add(v128.load(sums, 16), f64x2.convert_low_i32x4_s(later)), 16);
  }
}
