/** Random bytes that are the same each time: a hash over a counter. */
import { createHash } from 'node:crypto';

export function seededBytes(seed: number | string): (length: number) => Uint8Array {
  let drawn = 0;
  return (length) => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, () => {
      drawn += 1;
      return createHash('sha256').update(`${seed}/${drawn}`).digest();
    });
    return Uint8Array.from(Buffer.concat(blocks).subarray(0, length));
  };
}
