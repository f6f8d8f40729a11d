/**
 * Lists of what is not zero: entries of 8 bytes, the address of a row of floats and the value to multiply it with. A row in
 * registers takes in one entry after the other.
 */
import { multiplyAdd } from './multiply-add';
import { storeColumns } from './tile';

/** How many of `size` floats are not zero. */
export function countEntries(matrix: usize, size: i32): i32 {
  const end = matrix + ((<usize>size) << 2);
  let counts = i32x4.splat(0);
  for (; matrix + 16 <= end; matrix += 16) {
    counts = i32x4.sub(counts, f32x4.ne(v128.load(matrix), f32x4.splat(0)));
  }
  let count =
    i32x4.extract_lane(counts, 0) +
    i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3);
  for (; matrix < end; matrix += 4) count += i32(load<f32>(matrix) !== 0);
  return count;
}

/** Floats of a row that are computed together when so many are left; otherwise eight. */
export const WIDE = 32;

/**
 * For each of `rows` targets, `stride` bytes apart: WIDE floats (or the first `columns`, at most eight) += sum over the target's
 * entries of value x the floats at address + offset. The entries of a target end at its address in `ends`; those of the
 * first begin at `entry`.
 */
export function addEntries(
  rows: i32,
  entry: usize,
  ends: usize,
  offset: usize,
  target: usize,
  stride: usize,
  columns: i32,
): void {
  const last = ends + ((<usize>rows) << 2);
  for (; ends < last; ends += 4) {
    const end = load<usize>(ends);
    if (entry < end) {
      if (columns >= WIDE) addWide(entry, end, offset, target);
      else addNarrow(entry, end, offset, target, columns);
    }
    entry = end;
    target += stride;
  }
}

/** The same for targets at the first addresses of a row table + `targetOffset`. */
export function addEntriesByTable(
  rows: i32,
  entry: usize,
  ends: usize,
  offset: usize,
  table: usize,
  targetOffset: usize,
  columns: i32,
): void {
  const last = ends + ((<usize>rows) << 2);
  for (; ends < last; ends += 4) {
    const end = load<usize>(ends);
    if (entry < end) {
      const target = load<usize>(table) + targetOffset;
      if (columns >= WIDE) addWide(entry, end, offset, target);
      else addNarrow(entry, end, offset, target, columns);
    }
    entry = end;
    table += 8;
  }
}

// Calls of these two are cheaper than what the compilers of browsers make of them inside of the loops above.
function addWide(entry: usize, end: usize, offset: usize, target: usize): void {
  let s0 = v128.load(target);
  let s1 = v128.load(target, 16);
  let s2 = v128.load(target, 32);
  let s3 = v128.load(target, 48);
  let s4 = v128.load(target, 64);
  let s5 = v128.load(target, 80);
  let s6 = v128.load(target, 96);
  let s7 = v128.load(target, 112);
  for (; entry < end; entry += 8) {
    const from = load<usize>(entry) + offset;
    const x = v128.load32_splat(entry, 4);
    s0 = multiplyAdd(x, v128.load(from), s0);
    s1 = multiplyAdd(x, v128.load(from, 16), s1);
    s2 = multiplyAdd(x, v128.load(from, 32), s2);
    s3 = multiplyAdd(x, v128.load(from, 48), s3);
    s4 = multiplyAdd(x, v128.load(from, 64), s4);
    s5 = multiplyAdd(x, v128.load(from, 80), s5);
    s6 = multiplyAdd(x, v128.load(from, 96), s6);
    s7 = multiplyAdd(x, v128.load(from, 112), s7);
  }
  v128.store(target, s0);
  v128.store(target, s1, 16);
  v128.store(target, s2, 32);
  v128.store(target, s3, 48);
  v128.store(target, s4, 64);
  v128.store(target, s5, 80);
  v128.store(target, s6, 96);
  v128.store(target, s7, 112);
}

/** `width` floats at `target` += sum over the entries of value x the floats at their addresses. */
export function addRow(first: usize, end: usize, target: usize, width: i32): void {
  if (first >= end) return;
  let offset: usize = 0;
  for (; width >= WIDE; width -= WIDE) {
    let s0 = v128.load(target);
    let s1 = v128.load(target, 16);
    let s2 = v128.load(target, 32);
    let s3 = v128.load(target, 48);
    let s4 = v128.load(target, 64);
    let s5 = v128.load(target, 80);
    let s6 = v128.load(target, 96);
    let s7 = v128.load(target, 112);
    for (let entry = first; entry < end; entry += 8) {
      const from = load<usize>(entry) + offset;
      const x = v128.load32_splat(entry, 4);
      s0 = multiplyAdd(x, v128.load(from), s0);
      s1 = multiplyAdd(x, v128.load(from, 16), s1);
      s2 = multiplyAdd(x, v128.load(from, 32), s2);
      s3 = multiplyAdd(x, v128.load(from, 48), s3);
      s4 = multiplyAdd(x, v128.load(from, 64), s4);
      s5 = multiplyAdd(x, v128.load(from, 80), s5);
      s6 = multiplyAdd(x, v128.load(from, 96), s6);
      s7 = multiplyAdd(x, v128.load(from, 112), s7);
    }
    v128.store(target, s0);
    v128.store(target, s1, 16);
    v128.store(target, s2, 32);
    v128.store(target, s3, 48);
    v128.store(target, s4, 64);
    v128.store(target, s5, 80);
    v128.store(target, s6, 96);
    v128.store(target, s7, 112);
    target += 128;
    offset += 128;
  }
  for (; width > 0; width -= 8) {
    addNarrow(first, end, offset, target, width);
    target += 32;
    offset += 32;
  }
}

function addNarrow(entry: usize, end: usize, offset: usize, target: usize, columns: i32): void {
  let s0 = v128.load(target);
  let s1 = v128.load(target, 16);
  for (; entry < end; entry += 8) {
    const from = load<usize>(entry) + offset;
    const x = v128.load32_splat(entry, 4);
    s0 = multiplyAdd(x, v128.load(from), s0);
    s1 = multiplyAdd(x, v128.load(from, 16), s1);
  }
  storeColumns(target, s0, s1, columns);
}
