import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * The one way in which lists of fields become bytes to be signed, hashed or derived from: what they are for, then the
 * fields, each after its length (4 bytes, little-endian). So no two lists of fields give the same bytes, and what was
 * made for one purpose is of no use for another.
 * @param domain e.g. `tributary/check-in/v1`
 */
export function transcript(domain: string, fields: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...[utf8ToBytes(domain), ...fields].flatMap((field) => [u32(field.length), field]));
}

/** Numbers are fields of a fixed width, little-endian. @throws RangeError for what does not fit */
export const u8 = (value: number): Uint8Array => littleEndian(value, 1);
export const u16 = (value: number): Uint8Array => littleEndian(value, 2);
export const u32 = (value: number): Uint8Array => littleEndian(value, 4);

function littleEndian(value: number, width: 1 | 2 | 4): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value >= 256 ** width)
    throw new RangeError(`${value} does not fit into ${width} bytes`);
  return Uint8Array.from({ length: width }, (_, i) => Math.floor(value / 256 ** i));
}
