/**
 * Elements of b bits one after another, added to sums. Eight of them are b bytes, so one table serves all eights.
 *
 * A vector has no shift of its own for each lane. Multiplying by 2^(7 - s) and shifting all by 7 is one by s; it loses
 * nothing that counts while b + 7 bits fit into the lane.
 */

/** Of each half of an eight: which bytes make up its lanes (16), and the power of two for each (16). */
const TABLE_HALF = 32;

/** @param bits 1 to 7. @param table two halves, each of eight lanes of two bytes. */
export function addPacked1(sum: usize, packed: usize, count: i32, bits: i32, table: usize): void {
  const bytes = v128.load(table);
  const factors = v128.load(table, 16);
  const low = i16x8.splat(0xff);
  const whole = count & ~15;
  const end = sum + whole;
  while (sum < end) {
    const first = eightOf(packed, bytes, factors);
    const second = eightOf(packed + bits, bytes, factors);
    const both = i8x16.narrow_i16x8_u(v128.and(first, low), v128.and(second, low));
    v128.store(sum, i8x16.add(v128.load(sum), both));
    sum += 16;
    packed += bits << 1;
  }
  addFew<u8>(sum, packed, count - whole, bits);
}

/** @param bits 9 to 15. @param table two halves, each of four lanes of four bytes. */
export function addPacked2(sum: usize, packed: usize, count: i32, bits: i32, table: usize): void {
  const firstBytes = v128.load(table);
  const firstFactors = v128.load(table, 16);
  const secondBytes = v128.load(table, TABLE_HALF);
  const secondFactors = v128.load(table, TABLE_HALF + 16);
  const half = bits >> 1;
  const low = i32x4.splat(0xffff);
  const whole = count & ~7;
  const end = sum + (whole << 1);
  while (sum < end) {
    const first = fourOf(packed, firstBytes, firstFactors);
    const second = fourOf(packed + half, secondBytes, secondFactors);
    const both = i16x8.narrow_i32x4_u(v128.and(first, low), v128.and(second, low));
    v128.store(sum, i16x8.add(v128.load(sum), both));
    sum += 16;
    packed += bits;
  }
  addFew<u16>(sum, packed, count - whole, bits);
}

/** @param bits 17 to 25. @param table two halves, each of four lanes of four bytes. */
export function addPacked4(sum: usize, packed: usize, count: i32, bits: i32, table: usize): void {
  const firstBytes = v128.load(table);
  const firstFactors = v128.load(table, 16);
  const secondBytes = v128.load(table, TABLE_HALF);
  const secondFactors = v128.load(table, TABLE_HALF + 16);
  const half = bits >> 1;
  const whole = count & ~7;
  const end = sum + (whole << 2);
  while (sum < end) {
    v128.store(sum, i32x4.add(v128.load(sum), fourOf(packed, firstBytes, firstFactors)));
    const second = fourOf(packed + half, secondBytes, secondFactors);
    v128.store(sum, i32x4.add(v128.load(sum, 16), second), 16);
    sum += 32;
    packed += bits;
  }
  addFew<u32>(sum, packed, count - whole, bits);
}

/** @param bits 26 to 31: an element lies in up to five bytes. */
export function addPacked5(sum: usize, packed: usize, count: i32, bits: i32): void {
  addFew<u32>(sum, packed, count, bits);
}

function eightOf(packed: usize, bytes: v128, factors: v128): v128 {
  return v128.shr<u16>(i16x8.mul(i8x16.swizzle(v128.load(packed), bytes), factors), 7);
}

function fourOf(packed: usize, bytes: v128, factors: v128): v128 {
  return v128.shr<u32>(i32x4.mul(i8x16.swizzle(v128.load(packed), bytes), factors), 7);
}

/** One by one. */
function addFew<T>(sum: usize, packed: usize, count: i32, bits: i32): void {
  let bit: u32 = 0;
  for (let i = 0; i < count; i++) {
    const element = load<u64>(packed + (bit >> 3)) >> (bit & 7);
    store<T>(sum, load<T>(sum) + <T>element);
    sum += sizeof<T>();
    bit += bits;
  }
}
