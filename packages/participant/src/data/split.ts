/** Which examples of a device are held out: decided per row, so that adding examples never moves an older one. */
import { plainSha256 } from '@tributary/fl-core';

const HELD_OUT_FRACTION = 0.2;
const HELD_OUT_BELOW = HELD_OUT_FRACTION * 2 ** 32;
const text = new TextEncoder();

export function isHeldOut(deviceSeed: string, rowNumber: number): boolean {
  const digest = plainSha256(text.encode(`tributary/split/v1/${deviceSeed}/${rowNumber}`));
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0) < HELD_OUT_BELOW;
}
