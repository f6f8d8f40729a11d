/**
 * Elements of b bits, one after another without a gap: bit k of element i is bit (i b + k) of the stream, and bit j of the
 * stream is bit (j mod 8) of byte floor(j / 8), counted from the least significant. So 8, 16, 24 and 32 bits are plain
 * little-endian bytes. The last byte is filled with zeros.
 */

/** Bytes of `length` packed elements; also where element `length` begins when that is at a byte, as each eighth is. */
export function packedBytes(length: number, bits: number): number {
  return Math.ceil((length * bits) / 8);
}

/** @param bits 1 to 32; the low ones of each element count, so negative ones are in two's complement */
export function pack(elements: ArrayLike<number>, bits: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(packedBytes(elements.length, bits));
  const mask = 2 ** bits - 1;
  let at = 0;
  let shift = 0;
  for (let i = 0; i < elements.length; i += 1) {
    const element = elements[i]! & mask;
    bytes[at]! |= element << shift;
    let next = at + 1;
    for (let written = 8 - shift; written < bits; written += 8) {
      bytes[next] = element >>> written;
      next += 1;
    }
    shift += bits;
    at += shift >>> 3;
    shift &= 7;
  }
  return bytes;
}

/** @param length elements; bits behind the last one are not looked at */
export function unpack(bytes: Uint8Array, bits: number, length: number): Uint32Array<ArrayBuffer> {
  if (bytes.length < packedBytes(length, bits)) {
    throw new RangeError(`${length} elements of ${bits} bits do not fit in ${bytes.length} bytes`);
  }
  const elements = new Uint32Array(length);
  const mask = 2 ** bits - 1;
  let at = 0;
  let shift = 0;
  for (let i = 0; i < length; i += 1) {
    let element = bytes[at]! >>> shift;
    let next = at + 1;
    for (let read = 8 - shift; read < bits; read += 8) {
      element |= bytes[next]! << read;
      next += 1;
    }
    elements[i] = element & mask;
    shift += bits;
    at += shift >>> 3;
    shift &= 7;
  }
  return elements;
}
