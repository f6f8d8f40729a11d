/** Copies of a matrix's blocks in the order in which tile.ts reads them: panels of eight columns, each row of a panel 32 bytes. */

/** Bytes from one panel of a packed block to the next. */
export function panelBytes(depth: i32): usize {
  return (<usize>depth) << 5;
}

/** `depth` rows of `columns` columns, `stride` bytes apart. Reads up to 28 bytes beyond each row's end. */
export function packPanels(source: usize, stride: usize, depth: i32, columns: i32, packed: usize): void {
  const size = panelBytes(depth);
  for (let row = 0; row < depth; row++) {
    let target = packed + ((<usize>row) << 5);
    const end = source + ((<usize>columns) << 2);
    for (let at = source; at < end; at += 32) {
      v128.store(target, v128.load(at));
      v128.store(target, v128.load(at, 16), 16);
      target += size;
    }
    source += stride;
  }
}

/** The same of the transpose: `columns` rows of `depth` columns, `stride` bytes apart, become `depth` packed rows. */
export function packTransposedPanels(
  source: usize,
  stride: usize,
  depth: i32,
  columns: i32,
  packed: usize,
): void {
  const size = panelBytes(depth);
  for (let column = 0; column < columns; column += 4) {
    // Beyond the last column the last one is repeated: nobody reads the result.
    const a0 = source + <usize>column * stride;
    const a1 = source + <usize>min(column + 1, columns - 1) * stride;
    const a2 = source + <usize>min(column + 2, columns - 1) * stride;
    const a3 = source + <usize>min(column + 3, columns - 1) * stride;
    let target = packed + <usize>(column >> 3) * size + ((<usize>(column & 4)) << 2);
    let row = 0;
    for (; row + 4 <= depth; row += 4) {
      const at = (<usize>row) << 2;
      const r0 = v128.load(a0 + at);
      const r1 = v128.load(a1 + at);
      const r2 = v128.load(a2 + at);
      const r3 = v128.load(a3 + at);
      const low01 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
      const high01 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
      const low23 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
      const high23 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
      v128.store(target, v128.shuffle<i64>(low01, low23, 0, 2));
      v128.store(target, v128.shuffle<i64>(low01, low23, 1, 3), 32);
      v128.store(target, v128.shuffle<i64>(high01, high23, 0, 2), 64);
      v128.store(target, v128.shuffle<i64>(high01, high23, 1, 3), 96);
      target += 128;
    }
    for (; row < depth; row++) {
      const at = (<usize>row) << 2;
      store<f32>(target, load<f32>(a0 + at));
      store<f32>(target, load<f32>(a1 + at), 4);
      store<f32>(target, load<f32>(a2 + at), 8);
      store<f32>(target, load<f32>(a3 + at), 12);
      target += 32;
    }
  }
}
