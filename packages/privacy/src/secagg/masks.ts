import type { LaneSum, MaskStream, SecAggCrypto } from './ports.ts';

/** Secret until it is no longer needed. Plain data, which can be sent to a worker. */
export interface Mask {
  /** AES-256 key of its stream; 32 bytes. */
  readonly key: Uint8Array;
  readonly sign: 1 | -1;
}

/** Elements `from` to before `to`. */
export interface Slice {
  readonly from: number;
  readonly to: number;
}

/** Sum and stream of one chunk fit into the second cache together. */
const CHUNK_BYTES = 128 * 1024;
/** So that an asynchronous cipher always has work; their chunks are all that is held of any mask. */
const READS_IN_FLIGHT = 6;
const BLOCK_BYTES = 16;

/**
 * Adds each mask times its sign to a slice of the sum; all masks to one chunk before the next. Element e of a mask is
 * the `laneBytes` bytes of its stream at e * laneBytes, so slices can be shared out among threads.
 */
export async function applyMasks(
  sum: LaneSum,
  masks: readonly Mask[],
  slice: Slice,
  crypto: SecAggCrypto,
): Promise<void> {
  const streams = await Promise.all(
    masks.map(async ({ key, sign }) => ({ stream: await crypto.maskStream(key), sign })),
  );
  const reads = readsOf(streams, slice, sum.laneBytes);
  const readOn = async () => {
    for (const { stream, sign, offset, skipped, length, at } of reads) {
      const read = stream.read(offset, length);
      // A cipher that answers at once is not made to wait.
      const bytes = (read instanceof Uint8Array ? read : await read).subarray(skipped);
      if (sign > 0) sum.add(bytes, at);
      else sum.subtract(bytes, at);
    }
  };
  await Promise.all(Array.from({ length: READS_IN_FLIGHT }, readOn));
}

interface SignedStream {
  readonly stream: MaskStream;
  readonly sign: 1 | -1;
}

/** Chunks begin at multiples of 16 elements, which begin with a block of the cipher whatever the width. */
function* readsOf(streams: readonly SignedStream[], { from, to }: Slice, laneBytes: number) {
  const chunkElements = Math.floor(CHUNK_BYTES / laneBytes / BLOCK_BYTES) * BLOCK_BYTES;
  for (let chunk = from - (from % BLOCK_BYTES); chunk < to; chunk += chunkElements) {
    const at = Math.max(chunk, from);
    const end = Math.min(chunk + chunkElements, to);
    for (const { stream, sign } of streams) {
      yield {
        stream,
        sign,
        at,
        offset: chunk * laneBytes,
        skipped: (at - chunk) * laneBytes,
        length: (end - chunk) * laneBytes,
      };
    }
  }
}
