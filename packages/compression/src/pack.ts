/**
 * Elements of b bits, one after another without a gap: bit k of element i is bit (i b + k) of the stream, and bit j of the
 * stream is bit (j mod 8) of byte floor(j / 8), counted from the least significant. So 8, 16, 24 and 32 bits are plain
 * little-endian bytes. The last byte is filled with zeros.
 */

/** Bytes of `length` packed elements; also where element `length` begins when that is at a byte, as each eighth is. */
export function packedBytes(length: number, bits: number): number {
  return Math.ceil((length * bits) / 8);
}

/** @param bits 2 to 32; the low ones of each element count, so negative ones are in two's complement */
export function pack(elements: Int32Array | Uint32Array, bits: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(packedBytes(elements.length, bits));
  const modulus = 2 ** bits;
  let at = 0;
  // Fewer than 8 bits wait for their byte, so a number holds them with the next element: below 2^40.
  let waiting = 0;
  let waitingBits = 0;
  for (let i = 0; i < elements.length; i += 1) {
    const element = elements[i]!;
    waiting += ((element & (modulus - 1)) >>> 0) * 2 ** waitingBits;
    waitingBits += bits;
    while (waitingBits >= 8) {
      bytes[at] = waiting & 0xff;
      at += 1;
      waiting = Math.floor(waiting / 256);
      waitingBits -= 8;
    }
  }
  if (waitingBits > 0) bytes[at] = waiting;
  return bytes;
}

/** @param length elements; bits behind the last one are not looked at */
export function unpack(bytes: Uint8Array, bits: number, length: number): Uint32Array<ArrayBuffer> {
  if (bytes.length < packedBytes(length, bits)) {
    throw new RangeError(`${length} elements of ${bits} bits do not fit in ${bytes.length} bytes`);
  }
  const elements = new Uint32Array(length);
  const modulus = 2 ** bits;
  let at = 0;
  let waiting = 0;
  let waitingBits = 0;
  for (let i = 0; i < length; i += 1) {
    while (waitingBits < bits) {
      waiting += bytes[at]! * 2 ** waitingBits;
      at += 1;
      waitingBits += 8;
    }
    const rest = Math.floor(waiting / modulus);
    elements[i] = waiting - rest * modulus;
    waiting = rest;
    waitingBits -= bits;
  }
  return elements;
}
