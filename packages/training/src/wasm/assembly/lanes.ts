/** Rows whose width is no multiple of four: their last vector reads beyond them, and must write only what is theirs. */

/** All bits set in the first `count` lanes, none in the others. */
export function maskOf(count: i32): v128 {
  return i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3));
}

/** Stores the first `count` lanes, 1 to 4. */
export function storeLanes(address: usize, vector: v128, count: i32): void {
  if (count >= 4) {
    v128.store(address, vector);
    return;
  }
  if (count >= 2) {
    v128.store64_lane(address, vector, 0);
    if (count === 3) v128.store32_lane(address, vector, 2, 8);
    return;
  }
  v128.store32_lane(address, vector, 0);
}

export function sumOf(vector: v128): f32 {
  return (
    f32x4.extract_lane(vector, 0) +
    f32x4.extract_lane(vector, 1) +
    (f32x4.extract_lane(vector, 2) + f32x4.extract_lane(vector, 3))
  );
}

export function highestOf(vector: v128): f32 {
  return max(
    max(f32x4.extract_lane(vector, 0), f32x4.extract_lane(vector, 1)),
    max(f32x4.extract_lane(vector, 2), f32x4.extract_lane(vector, 3)),
  );
}
