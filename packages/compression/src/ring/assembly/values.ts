/** Integers of four bytes, added to sums of one or two; to sums of four, they are lanes. */

export function addValues1(sum: usize, values: usize, count: i32): void {
  const low = i32x4.splat(0xff);
  const whole = count & ~15;
  const end = sum + whole;
  while (sum < end) {
    const first = i16x8.narrow_i32x4_u(
      v128.and(v128.load(values), low),
      v128.and(v128.load(values, 16), low),
    );
    const second = i16x8.narrow_i32x4_u(
      v128.and(v128.load(values, 32), low),
      v128.and(v128.load(values, 48), low),
    );
    v128.store(sum, i8x16.add(v128.load(sum), i8x16.narrow_i16x8_u(first, second)));
    sum += 16;
    values += 64;
  }
  addFew<u8>(sum, values, count - whole);
}

export function addValues2(sum: usize, values: usize, count: i32): void {
  const low = i32x4.splat(0xffff);
  const whole = count & ~7;
  const end = sum + (whole << 1);
  while (sum < end) {
    const both = i16x8.narrow_i32x4_u(v128.and(v128.load(values), low), v128.and(v128.load(values, 16), low));
    v128.store(sum, i16x8.add(v128.load(sum), both));
    sum += 16;
    values += 32;
  }
  addFew<u16>(sum, values, count - whole);
}

function addFew<T>(sum: usize, values: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    store<T>(sum, load<T>(sum) + <T>load<u32>(values));
    sum += sizeof<T>();
    values += 4;
  }
}
