import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * The bytes that a device signs: what it signs for, then the fields, each after its length (4 bytes, little-endian).
 * So no two lists of fields give the same bytes, and a signature made for one purpose is of no use for another.
 * @param domain e.g. `tributary/check-in/v1`
 */
export function signedMessage(domain: string, fields: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...[utf8ToBytes(domain), ...fields].flatMap((field) => [lengthOf(field), field]));
}

function lengthOf(field: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, field.length, true);
  return length;
}
