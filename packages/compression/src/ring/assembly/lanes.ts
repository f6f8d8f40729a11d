/** Sums and lanes of the same width, and lanes of three bytes, whose sums have four. */

export function addLanes1(sum: usize, lanes: usize, count: i32): void {
  addRun<u8>(sum, lanes, count);
}

export function addLanes2(sum: usize, lanes: usize, count: i32): void {
  addRun<u16>(sum, lanes, count);
}

export function addLanes4(sum: usize, lanes: usize, count: i32): void {
  addRun<u32>(sum, lanes, count);
}

export function subtractLanes1(sum: usize, lanes: usize, count: i32): void {
  subtractRun<u8>(sum, lanes, count);
}

export function subtractLanes2(sum: usize, lanes: usize, count: i32): void {
  subtractRun<u16>(sum, lanes, count);
}

export function subtractLanes4(sum: usize, lanes: usize, count: i32): void {
  subtractRun<u32>(sum, lanes, count);
}

export function addLanes3(sum: usize, lanes: usize, count: i32): void {
  const end = sum + ((<usize>count) << 2);
  const whole = sum + ((<usize>(count & ~15)) << 2);
  while (sum < whole) {
    v128.store(sum, i32x4.add(v128.load(sum), fourOf(lanes)));
    v128.store(sum, i32x4.add(v128.load(sum, 16), fourOf(lanes + 12)), 16);
    v128.store(sum, i32x4.add(v128.load(sum, 32), fourOf(lanes + 24)), 32);
    v128.store(sum, i32x4.add(v128.load(sum, 48), fourOf(lanes + 36)), 48);
    sum += 64;
    lanes += 48;
  }
  while (sum < end) {
    store<u32>(sum, load<u32>(sum) + load<u32>(lanes));
    sum += 4;
    lanes += 3;
  }
}

export function subtractLanes3(sum: usize, lanes: usize, count: i32): void {
  const end = sum + ((<usize>count) << 2);
  const whole = sum + ((<usize>(count & ~15)) << 2);
  while (sum < whole) {
    v128.store(sum, i32x4.sub(v128.load(sum), fourOf(lanes)));
    v128.store(sum, i32x4.sub(v128.load(sum, 16), fourOf(lanes + 12)), 16);
    v128.store(sum, i32x4.sub(v128.load(sum, 32), fourOf(lanes + 24)), 32);
    v128.store(sum, i32x4.sub(v128.load(sum, 48), fourOf(lanes + 36)), 48);
    sum += 64;
    lanes += 48;
  }
  while (sum < end) {
    store<u32>(sum, load<u32>(sum) - load<u32>(lanes));
    sum += 4;
    lanes += 3;
  }
}

/** Four lanes of three bytes as four of four; the highest byte of each does not count. */
function fourOf(lanes: usize): v128 {
  // Not a shuffle: engines build its constant again for each vector, but keep that of a swizzle in a register.
  return i8x16.swizzle(v128.load(lanes), i8x16(0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11));
}

function addRun<T>(sum: usize, lanes: usize, count: i32): void {
  const size = <usize>count * sizeof<T>();
  const end = sum + size;
  const whole = sum + (size & ~63);
  while (sum < whole) {
    v128.store(sum, v128.add<T>(v128.load(sum), v128.load(lanes)));
    v128.store(sum, v128.add<T>(v128.load(sum, 16), v128.load(lanes, 16)), 16);
    v128.store(sum, v128.add<T>(v128.load(sum, 32), v128.load(lanes, 32)), 32);
    v128.store(sum, v128.add<T>(v128.load(sum, 48), v128.load(lanes, 48)), 48);
    sum += 64;
    lanes += 64;
  }
  while (sum < end) {
    store<T>(sum, load<T>(sum) + load<T>(lanes));
    sum += sizeof<T>();
    lanes += sizeof<T>();
  }
}

function subtractRun<T>(sum: usize, lanes: usize, count: i32): void {
  const size = <usize>count * sizeof<T>();
  const end = sum + size;
  const whole = sum + (size & ~63);
  while (sum < whole) {
    v128.store(sum, v128.sub<T>(v128.load(sum), v128.load(lanes)));
    v128.store(sum, v128.sub<T>(v128.load(sum, 16), v128.load(lanes, 16)), 16);
    v128.store(sum, v128.sub<T>(v128.load(sum, 32), v128.load(lanes, 32)), 32);
    v128.store(sum, v128.sub<T>(v128.load(sum, 48), v128.load(lanes, 48)), 48);
    sum += 64;
    lanes += 64;
  }
  while (sum < end) {
    store<T>(sum, load<T>(sum) - load<T>(lanes));
    sum += sizeof<T>();
    lanes += sizeof<T>();
  }
}
