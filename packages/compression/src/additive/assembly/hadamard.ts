/**
 * The unscaled Walsh-Hadamard transform of each column of a matrix, in place. Rows that are 1, 2, 4, ... apart are added and
 * subtracted; three such stages are done at a time, in registers, and first those that stay within the second-level cache.
 */

/** Floats that are taken through as many stages as they hold: half a megabyte. */
const CHUNK = 131_072;

/** @param count all values: rows times columns, the rows a power of two */
export function transform(values: usize, count: i32, columns: i32): void {
  let chunk = columns;
  while (chunk << 3 <= CHUNK && chunk << 3 <= count) chunk <<= 3;
  for (let from = 0; from < count; from += chunk) {
    const start = values + ((<usize>from) << 2);
    for (let run = columns; run < chunk; run <<= 3) threeStages(start, chunk, run);
  }
  let run = chunk;
  while (run << 3 <= count) {
    threeStages(values, count, run);
    run <<= 3;
  }
  if (run << 2 <= count) {
    twoStages(values, count, run);
    run <<= 2;
  }
  if (run < count) oneStage(values, count, run);
}

/** @param run values between those that are added: one or more rows */
function threeStages(values: usize, count: i32, run: i32): void {
  const end = values + ((<usize>count) << 2);
  const apart = (<usize>run) << 2;
  const whole = (<usize>(run & ~3)) << 2;
  for (let group = values; group < end; group += apart << 3) {
    const vectors = group + whole;
    let at = group;
    for (; at < vectors; at += 16) {
      const row4 = at + (apart << 2);
      const a = v128.load(at);
      const b = v128.load(at + apart);
      const c = v128.load(at + (apart << 1));
      const d = v128.load(at + apart * 3);
      const e = v128.load(row4);
      const f = v128.load(row4 + apart);
      const g = v128.load(row4 + (apart << 1));
      const h = v128.load(row4 + apart * 3);

      const ab = f32x4.add(a, b);
      const a_b = f32x4.sub(a, b);
      const cd = f32x4.add(c, d);
      const c_d = f32x4.sub(c, d);
      const ef = f32x4.add(e, f);
      const e_f = f32x4.sub(e, f);
      const gh = f32x4.add(g, h);
      const g_h = f32x4.sub(g, h);

      const s0 = f32x4.add(ab, cd);
      const s2 = f32x4.sub(ab, cd);
      const s1 = f32x4.add(a_b, c_d);
      const s3 = f32x4.sub(a_b, c_d);
      const s4 = f32x4.add(ef, gh);
      const s6 = f32x4.sub(ef, gh);
      const s5 = f32x4.add(e_f, g_h);
      const s7 = f32x4.sub(e_f, g_h);

      v128.store(at, f32x4.add(s0, s4));
      v128.store(at + apart, f32x4.add(s1, s5));
      v128.store(at + (apart << 1), f32x4.add(s2, s6));
      v128.store(at + apart * 3, f32x4.add(s3, s7));
      v128.store(row4, f32x4.sub(s0, s4));
      v128.store(row4 + apart, f32x4.sub(s1, s5));
      v128.store(row4 + (apart << 1), f32x4.sub(s2, s6));
      v128.store(row4 + apart * 3, f32x4.sub(s3, s7));
    }
    for (; at < group + apart; at += 4) {
      for (let stage: usize = 1; stage < 8; stage <<= 1) {
        for (let row: usize = 0; row < 8; row++) {
          if (!(row & stage)) addAndSubtract(at + row * apart, at + (row + stage) * apart);
        }
      }
    }
  }
}

function twoStages(values: usize, count: i32, run: i32): void {
  const end = values + ((<usize>count) << 2);
  const apart = (<usize>run) << 2;
  const whole = (<usize>(run & ~3)) << 2;
  for (let group = values; group < end; group += apart << 2) {
    const vectors = group + whole;
    let at = group;
    for (; at < vectors; at += 16) {
      const a = v128.load(at);
      const b = v128.load(at + apart);
      const c = v128.load(at + (apart << 1));
      const d = v128.load(at + apart * 3);
      const ab = f32x4.add(a, b);
      const a_b = f32x4.sub(a, b);
      const cd = f32x4.add(c, d);
      const c_d = f32x4.sub(c, d);
      v128.store(at, f32x4.add(ab, cd));
      v128.store(at + apart, f32x4.add(a_b, c_d));
      v128.store(at + (apart << 1), f32x4.sub(ab, cd));
      v128.store(at + apart * 3, f32x4.sub(a_b, c_d));
    }
    for (; at < group + apart; at += 4) {
      for (let stage: usize = 1; stage < 4; stage <<= 1) {
        for (let row: usize = 0; row < 4; row++) {
          if (!(row & stage)) addAndSubtract(at + row * apart, at + (row + stage) * apart);
        }
      }
    }
  }
}

function oneStage(values: usize, count: i32, run: i32): void {
  const end = values + ((<usize>count) << 2);
  const apart = (<usize>run) << 2;
  const whole = (<usize>(run & ~3)) << 2;
  for (let group = values; group < end; group += apart << 1) {
    const vectors = group + whole;
    let at = group;
    for (; at < vectors; at += 16) {
      const a = v128.load(at);
      const b = v128.load(at + apart);
      v128.store(at, f32x4.add(a, b));
      v128.store(at + apart, f32x4.sub(a, b));
    }
    for (; at < group + apart; at += 4) addAndSubtract(at, at + apart);
  }
}

function addAndSubtract(one: usize, other: usize): void {
  const a = load<f32>(one);
  const b = load<f32>(other);
  store<f32>(one, a + b);
  store<f32>(other, a - b);
}
