/** Philox4x32-10, as philox.ts states it; four blocks at a time, each in a lane. */

const FIRST_MULTIPLIER = 0xd2511f53;
const SECOND_MULTIPLIER = 0xcd9e8d57;
const FIRST_WEYL: u32 = 0x9e3779b9;
const SECOND_WEYL: u32 = 0xbb67ae85;

/**
 * Writes blocks from `block`, of four words each.
 * @param blocks how many: up to a multiple of four are written
 * @param second, third, fourth words of the counter behind the block's number
 */
export function philox(
  words: usize,
  blocks: i32,
  block: u32,
  second: u32,
  third: u32,
  fourth: u32,
  key0: u32,
  key1: u32,
): void {
  const firstMultipliers = i32x4.splat(FIRST_MULTIPLIER);
  const secondMultipliers = i32x4.splat(SECOND_MULTIPLIER);
  const firstKeys = i32x4.splat(key0);
  const secondKeys = i32x4.splat(key1);
  const firstWeyl = i32x4.splat(FIRST_WEYL);
  const secondWeyl = i32x4.splat(SECOND_WEYL);
  let numbers = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3));
  const end = words + ((<usize>blocks) << 4);
  while (words < end) {
    let a = numbers;
    let b = i32x4.splat(second);
    let c = i32x4.splat(third);
    let d = i32x4.splat(fourth);
    let k = firstKeys;
    let l = secondKeys;
    for (let round = 0; round < 10; round++) {
      const pEven = i64x2.extmul_low_i32x4_u(a, firstMultipliers);
      const pOdd = i64x2.extmul_high_i32x4_u(a, firstMultipliers);
      const qEven = i64x2.extmul_low_i32x4_u(c, secondMultipliers);
      const qOdd = i64x2.extmul_high_i32x4_u(c, secondMultipliers);
      a = v128.xor(v128.xor(highHalves(qEven, qOdd), b), k);
      b = lowHalves(qEven, qOdd);
      c = v128.xor(v128.xor(highHalves(pEven, pOdd), d), l);
      d = lowHalves(pEven, pOdd);
      k = i32x4.add(k, firstWeyl);
      l = i32x4.add(l, secondWeyl);
    }
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    const abLater = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const cdLater = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    v128.store(words, v128.shuffle<i64>(ab, cd, 0, 2));
    v128.store(words, v128.shuffle<i64>(ab, cd, 1, 3), 16);
    v128.store(words, v128.shuffle<i64>(abLater, cdLater, 0, 2), 32);
    v128.store(words, v128.shuffle<i64>(abLater, cdLater, 1, 3), 48);
    numbers = i32x4.add(numbers, i32x4.splat(4));
    words += 64;
  }
}

function lowHalves(even: v128, odd: v128): v128 {
  return v128.shuffle<i32>(even, odd, 0, 2, 4, 6);
}

function highHalves(even: v128, odd: v128): v128 {
  return v128.shuffle<i32>(even, odd, 1, 3, 5, 7);
}
