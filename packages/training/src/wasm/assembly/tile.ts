/**
 * The inner loops of all products: 4 rows x 8 columns held in eight registers. Of the shapes that sixteen 128-bit registers allow, this is
 * the largest that both builds keep out of memory (decision 0015).
 */
import { multiplyAdd } from './multiply-add';

/** Start from what is there already instead of zeros. */
export const ADD: i32 = 1;
/** End with a ReLU. */
export const RECTIFY: i32 = 2;

/**
 * Eight columns of output rows = input rows x panel. An input row is `segments` runs of `segmentBytes`, `segmentStride` apart; the
 * panel has one row of (at least) `columns` floats per input float, `panelStride` apart, and may be read 28 bytes beyond its end.
 * `bias` 0 means none. `table` is a row table; offsets are added to its addresses.
 */
export function multiplyPanel(
  rows: i32,
  table: usize,
  inputOffset: usize,
  outputOffset: usize,
  segments: i32,
  segmentBytes: usize,
  segmentStride: usize,
  panel: usize,
  panelStride: usize,
  columns: i32,
  bias: usize,
  mode: i32,
): void {
  const gap = segmentStride - segmentBytes;
  for (let row = 0; row < rows; row += 4) {
    let a0 = load<usize>(table) + inputOffset;
    let a1 = load<usize>(table, 8) + inputOffset;
    let a2 = load<usize>(table, 16) + inputOffset;
    let a3 = load<usize>(table, 24) + inputOffset;
    const c0 = load<usize>(table, 4) + outputOffset;
    const c1 = load<usize>(table, 12) + outputOffset;
    const c2 = load<usize>(table, 20) + outputOffset;
    const c3 = load<usize>(table, 28) + outputOffset;
    table += 32;
    let s00 = f32x4.splat(0);
    let s01 = f32x4.splat(0);
    if (bias) {
      s00 = v128.load(bias);
      s01 = v128.load(bias, 16);
    }
    let s10 = s00;
    let s11 = s01;
    let s20 = s00;
    let s21 = s01;
    let s30 = s00;
    let s31 = s01;
    if (mode & ADD) {
      s00 = v128.load(c0);
      s01 = v128.load(c0, 16);
      s10 = v128.load(c1);
      s11 = v128.load(c1, 16);
      s20 = v128.load(c2);
      s21 = v128.load(c2, 16);
      s30 = v128.load(c3);
      s31 = v128.load(c3, 16);
    }
    let b = panel;
    for (let segment = 0; segment < segments; segment++) {
      const end = a0 + segmentBytes;
      while (a0 < end) {
        const b0 = v128.load(b);
        const b1 = v128.load(b, 16);
        const x0 = v128.load32_splat(a0);
        s00 = multiplyAdd(x0, b0, s00);
        s01 = multiplyAdd(x0, b1, s01);
        const x1 = v128.load32_splat(a1);
        s10 = multiplyAdd(x1, b0, s10);
        s11 = multiplyAdd(x1, b1, s11);
        const x2 = v128.load32_splat(a2);
        s20 = multiplyAdd(x2, b0, s20);
        s21 = multiplyAdd(x2, b1, s21);
        const x3 = v128.load32_splat(a3);
        s30 = multiplyAdd(x3, b0, s30);
        s31 = multiplyAdd(x3, b1, s31);
        a0 += 4;
        a1 += 4;
        a2 += 4;
        a3 += 4;
        b += panelStride;
      }
      a0 += gap;
      a1 += gap;
      a2 += gap;
      a3 += gap;
    }
    if (mode & RECTIFY) {
      const zero = f32x4.splat(0);
      s00 = f32x4.max(s00, zero);
      s01 = f32x4.max(s01, zero);
      s10 = f32x4.max(s10, zero);
      s11 = f32x4.max(s11, zero);
      s20 = f32x4.max(s20, zero);
      s21 = f32x4.max(s21, zero);
      s30 = f32x4.max(s30, zero);
      s31 = f32x4.max(s31, zero);
    }
    storeColumns(c0, s00, s01, columns);
    storeColumns(c1, s10, s11, columns);
    storeColumns(c2, s20, s21, columns);
    storeColumns(c3, s30, s31, columns);
  }
}

/**
 * target [depth x columns] += the rows' inputs^T x the rows' outputs (of a row table): four inputs and eight output columns at
 * a time, summed over the rows. `columns` and `depth` of this tile may be fewer.
 */
export function addOuterProducts(
  rows: i32,
  table: usize,
  inputOffset: usize,
  outputOffset: usize,
  target: usize,
  targetStride: usize,
  depth: i32,
  columns: i32,
): void {
  const t1 = target + targetStride;
  const t2 = t1 + targetStride;
  const t3 = t2 + targetStride;
  let s00 = v128.load(target);
  let s01 = v128.load(target, 16);
  let s10 = f32x4.splat(0);
  let s11 = s10;
  let s20 = s10;
  let s21 = s10;
  let s30 = s10;
  let s31 = s10;
  if (depth > 1) {
    s10 = v128.load(t1);
    s11 = v128.load(t1, 16);
  }
  if (depth > 2) {
    s20 = v128.load(t2);
    s21 = v128.load(t2, 16);
  }
  if (depth > 3) {
    s30 = v128.load(t3);
    s31 = v128.load(t3, 16);
  }
  const end = table + ((<usize>rows) << 3);
  for (let entry = table; entry < end; entry += 8) {
    // Both addresses in one load: loads are what these loops are short of.
    const pair = load<u64>(entry);
    const a = <usize>pair + inputOffset;
    const b = <usize>(pair >> 32) + outputOffset;
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    s00 = multiplyAdd(x0, b0, s00);
    s01 = multiplyAdd(x0, b1, s01);
    const x1 = v128.load32_splat(a, 4);
    s10 = multiplyAdd(x1, b0, s10);
    s11 = multiplyAdd(x1, b1, s11);
    const x2 = v128.load32_splat(a, 8);
    s20 = multiplyAdd(x2, b0, s20);
    s21 = multiplyAdd(x2, b1, s21);
    const x3 = v128.load32_splat(a, 12);
    s30 = multiplyAdd(x3, b0, s30);
    s31 = multiplyAdd(x3, b1, s31);
  }
  storeColumns(target, s00, s01, columns);
  if (depth > 1) storeColumns(t1, s10, s11, columns);
  if (depth > 2) storeColumns(t2, s20, s21, columns);
  if (depth > 3) storeColumns(t3, s30, s31, columns);
}

/** The first `columns` of eight floats; more than eight are eight. */
export function storeColumns(at: usize, low: v128, high: v128, columns: i32): void {
  if (columns >= 8) {
    v128.store(at, low);
    v128.store(at, high, 16);
    return;
  }
  if (columns & 4) {
    v128.store(at, low);
    at += 16;
    low = high;
  }
  if (columns & 2) {
    v128.store64_lane(at, low, 0);
    at += 8;
    low = v128.shuffle<i32>(low, low, 2, 3, 2, 3);
  }
  if (columns & 1) v128.store32_lane(at, low, 0);
}
