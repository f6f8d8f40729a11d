/** values = values x scale, with the other sign where a bit is set. Up to 32 values beyond the last one are changed, too. */
export function scaleWithSigns(values: usize, count: i32, signs: usize, scale: f32): void {
  const scales = f32x4.splat(scale);
  const end = values + ((<usize>count) << 2);
  while (values < end) {
    let word = load<u32>(signs);
    for (let four = 0; four < 8; four++) {
      v128.store(values, v128.xor(f32x4.mul(v128.load(values), scales), signsOf(word)));
      values += 16;
      word >>= 4;
    }
    signs += 4;
  }
}

/** Of the lowest four bits: a sign bit in each lane whose bit is set. */
function signsOf(word: u32): v128 {
  const unset = i32x4.eq(v128.and(i32x4.splat(word), i32x4(1, 2, 4, 8)), i32x4.splat(0));
  return v128.andnot(i32x4.splat(0x80000000), unset);
}
