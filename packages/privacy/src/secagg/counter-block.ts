/**
 * The counter block with which the stream goes on at `offset`: offset / 16 as a number of 128 bits, big-endian.
 * @throws RangeError within a block
 */
export function counterBlock(offset: number): Uint8Array<ArrayBuffer> {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset % 16 !== 0)
    throw new RangeError(`a mask stream is read from multiples of 16 bytes, not from ${offset}`);
  const block = new Uint8Array(16);
  new DataView(block.buffer).setBigUint64(8, BigInt(offset / 16));
  return block;
}
