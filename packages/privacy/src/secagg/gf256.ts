/**
 * The field GF(2^8) with the polynomial x^8 + x^4 + x^3 + x + 1 (0x11b), that of AES (FIPS 197, section 4).
 *
 * There are no tables: a look-up by a secret byte leaves its trace in the caches. In Shamir's scheme one factor of each
 * product is public (a place x, or a Lagrange coefficient made of places), so a whole row of secret bytes is multiplied
 * at once, four to a word, with branches on bits of the public factor only.
 */

/** The product of two field elements. Takes the same steps whatever they are. */
export function multiply(a: number, b: number): number {
  let product = 0;
  let power = a;
  for (let bit = 0; bit < 8; bit += 1) {
    product ^= power & -((b >>> bit) & 1);
    power = timesX(power);
  }
  return product & 0xff;
}

/** a^254, which is 1 / a for every a but 0, which has no inverse and gives 0. */
export function inverse(a: number): number {
  let result = 1;
  // 254 = 2 + 4 + ... + 128.
  let square = a;
  for (let bit = 1; bit < 8; bit += 1) {
    square = multiply(square, square);
    result = multiply(result, square);
  }
  return result;
}

/**
 * target = target + factor * row, in each byte. Nothing here depends on the bytes of `row` or `target`.
 * @param target words of four field elements
 * @param factor public, 0..255
 * @param row as long as `target`
 */
export function addMultiple(target: Uint32Array, factor: number, row: Uint32Array): void {
  for (let word = 0; word < target.length; word += 1) {
    let power = row[word]!;
    let sum = target[word]!;
    for (let bits = factor; bits !== 0; bits >>>= 1) {
      if (bits & 1) sum ^= power;
      power = timesXInEachByte(power);
    }
    target[word] = sum;
  }
}

const timesX = (a: number): number => ((a << 1) ^ (0x1b & -((a >>> 7) & 1))) & 0xff;

/** What overflows from a byte is 2^8 = 0x1b in that byte. */
const timesXInEachByte = (word: number): number =>
  ((word & 0x7f7f7f7f) << 1) ^ (((word >>> 7) & 0x01010101) * 0x1b);
