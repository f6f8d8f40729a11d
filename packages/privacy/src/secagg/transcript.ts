import { utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * The one way in which lists of fields become bytes to be signed, hashed or derived from: what they are for, then the
 * fields, each after its length (4 bytes, little-endian). So no two lists of fields give the same bytes, and what was
 * made for one purpose is of no use for another.
 * @param domain e.g. `tributary/check-in/v1`
 */
export function transcript(domain: string, fields: readonly Uint8Array[]): Uint8Array {
  const all = [utf8ToBytes(domain), ...fields];
  const bytes = new Uint8Array(all.reduce((length, field) => length + 4 + field.length, 0));
  let at = 0;
  for (const field of all) {
    writeLittleEndian(bytes.subarray(at, at + 4), field.length);
    bytes.set(field, at + 4);
    at += 4 + field.length;
  }
  return bytes;
}

/** Numbers are fields of a fixed width, little-endian. @throws RangeError for what does not fit */
export const u8 = (value: number): Uint8Array => littleEndian(value, 1);
export const u16 = (value: number): Uint8Array => littleEndian(value, 2);
export const u32 = (value: number): Uint8Array => littleEndian(value, 4);

function littleEndian(value: number, width: 1 | 2 | 4): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value >= 256 ** width)
    throw new RangeError(`${value} does not fit into ${width} bytes`);
  return writeLittleEndian(new Uint8Array(width), value);
}

function writeLittleEndian(bytes: Uint8Array, value: number): Uint8Array {
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = value / 256 ** i;
  return bytes;
}
