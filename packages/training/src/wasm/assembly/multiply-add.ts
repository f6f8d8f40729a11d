/**
 * x * y + sum per lane. In the strict build two roundings, the same bits in every engine; in the relaxed build one instruction
 * on processors that fuse the two.
 */
export function multiplyAdd(x: v128, y: v128, sum: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(x, y, sum) : f32x4.add(sum, f32x4.mul(x, y));
}
