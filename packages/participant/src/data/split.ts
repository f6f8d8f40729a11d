/**
 * Which rows of a device are held out. The content of a row and a seed of the device decide: adding, deleting and
 * labelling others moves no row, the same file imported again is split again as before, and twins stay together, so
 * that none of them is trained on while the other measures.
 */
import { plainSha256 } from '@tributary/fl-core';
import { breathe } from './breathe.ts';
import type { ExampleBatch } from './data-set.ts';

const HELD_OUT_FRACTION = 0.2;
const HELD_OUT_BELOW = HELD_OUT_FRACTION * 2 ** 32;
/** About ten milliseconds of hashing. */
const BYTES_PER_BREATH = 1_000_000;

/** 1 for each row that is held out. */
export async function splitRows(deviceSeed: string, batch: ExampleBatch): Promise<Uint8Array> {
  const rowCount = batch.inputs.length / batch.rowSize;
  const seed = new TextEncoder().encode(`tributary/split/v2/${deviceSeed}/`);
  const inputs = new Uint8Array(batch.inputs.buffer, batch.inputs.byteOffset, batch.inputs.byteLength);
  const rowBytes = inputs.length / Math.max(1, rowCount);
  const hashed = new Uint8Array(seed.length + rowBytes);
  hashed.set(seed);
  const heldOut = new Uint8Array(rowCount);
  for (let row = 0, sinceBreath = 0; row < rowCount; row += 1, sinceBreath += rowBytes) {
    if (sinceBreath >= BYTES_PER_BREATH) {
      sinceBreath = 0;
      await breathe();
    }
    hashed.set(inputs.subarray(row * rowBytes, (row + 1) * rowBytes), seed.length);
    const digest = plainSha256(hashed);
    const drawn = new DataView(digest.buffer, digest.byteOffset).getUint32(0);
    heldOut[row] = Number(drawn < HELD_OUT_BELOW);
  }
  return heldOut;
}
