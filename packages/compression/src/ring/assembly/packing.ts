/**
 * Sums as elements of `width` bits one after another, of which the low `bits` are those of the sum: packed when both are the
 * same, lanes when the width is a whole number of bytes. Writes up to 3 bytes beyond the last element.
 */

export function pack1(sum: usize, count: i32, bits: i32, width: i32, packed: usize): void {
  packRun<u8>(sum, count, bits, width, packed);
}

export function pack2(sum: usize, count: i32, bits: i32, width: i32, packed: usize): void {
  packRun<u16>(sum, count, bits, width, packed);
}

export function pack4(sum: usize, count: i32, bits: i32, width: i32, packed: usize): void {
  packRun<u32>(sum, count, bits, width, packed);
}

function packRun<T>(sum: usize, count: i32, bits: i32, width: i32, packed: usize): void {
  const low: u64 = ((<u64>1) << bits) - 1;
  let waiting: u64 = 0;
  let waitingBits: u64 = 0;
  const end = sum + <usize>count * sizeof<T>();
  while (sum < end) {
    waiting |= (<u64>load<T>(sum) & low) << waitingBits;
    waitingBits += width;
    if (waitingBits >= 32) {
      store<u32>(packed, <u32>waiting);
      packed += 4;
      waiting >>= 32;
      waitingBits -= 32;
    }
    sum += sizeof<T>();
  }
  store<u32>(packed, <u32>waiting);
}
