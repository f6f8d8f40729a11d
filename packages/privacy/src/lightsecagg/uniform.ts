/** Uniform elements of the field, by rejection: the mask and its padding hide only if each element is as likely as any other. */
import { PRIME } from './field.ts';

const DRAW_BYTES = 65_536;
const MASK = 2 ** 26 - 1;

/**
 * Takes the low 26 bits of each 4 random bytes and leaves out the five numbers that are no elements (one draw in 13 million).
 *
 * @param randomBytes from a cryptographic generator
 */
export function uniformVector(length: number, randomBytes: (length: number) => Uint8Array): Int32Array {
  const vector = new Int32Array(length);
  let filled = 0;
  while (filled < length) {
    const bytes = randomBytes(Math.min(DRAW_BYTES, 4 * (length - filled)));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; at += 4) {
      const candidate = view.getUint32(at, true) & MASK;
      if (candidate >= PRIME) continue;
      vector[filled] = candidate;
      filled += 1;
    }
  }
  return vector;
}
