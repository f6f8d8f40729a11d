/**
 * Takes the masks that are left out of a sum. Each thread expands all masks over one slice at a time, so that nothing of
 * the model's size is held beside the sum, and a large model is as fast as there are cores.
 */
import { availableParallelism } from 'node:os';
import type { RingVector } from '@tributary/compression';
import { applyMasks, type Mask } from '@tributary/privacy';
import { openNodeCrypto } from '../secure-sum/node-crypto.ts';
import { builtWorker, openThread, type Thread } from '../threads/thread.ts';

export interface SliceQuestion {
  /** Elements of the whole vector; `from` is a multiple of 16. */
  readonly from: number;
  readonly to: number;
  readonly bits: number;
  /** 32 bytes for each mask. Secret. */
  readonly keys: Uint8Array;
  /** 1 or -1 for each mask. */
  readonly signs: Int8Array;
}
/** What the masks are worth over the slice. */
export interface SliceAnswer {
  readonly lanes: Uint8Array<ArrayBuffer>;
}

const crypto = openNodeCrypto();
const MAXIMUM_THREADS = 8;
/** 1 MB of lanes at most: several chunks of key stream for each mask, and little in flight. */
const SLICE_ELEMENTS = 256 * 1024;
/** Elements times masks that are quicker done here than a thread starts: about 50 ms. */
const NOT_WORTH_A_THREAD = 50_000_000;

let threads: readonly Thread<SliceQuestion, SliceAnswer>[] | null = null;

/** Adds each mask times its sign to the sum. */
export async function unmask(sum: RingVector, masks: readonly Mask[]): Promise<void> {
  const cores = Math.min(availableParallelism(), MAXIMUM_THREADS);
  const whole = { from: 0, to: sum.length };
  if (cores === 1 || sum.length * masks.length < NOT_WORTH_A_THREAD) {
    return applyMasks(sum, masks, whole, crypto);
  }
  threads ??= Array.from({ length: cores }, () =>
    openThread(builtWorker('unmasking-worker', import.meta.url), { mayRest: () => true }),
  );
  const keys = new Uint8Array(32 * masks.length);
  masks.forEach(({ key }, i) => void keys.set(key, 32 * i));
  const signs = Int8Array.from(masks, ({ sign }) => sign);
  // Each begins at a block of the cipher, whatever the width of a lane.
  const sliceLength = Math.min(SLICE_ELEMENTS, 16 * Math.ceil(sum.length / cores / 16));
  let next = 0;
  const work = async (thread: Thread<SliceQuestion, SliceAnswer>): Promise<void> => {
    while (next < sum.length) {
      const from = next;
      const to = Math.min(from + sliceLength, sum.length);
      next = to;
      const { lanes } = await thread.ask({ from, to, bits: sum.bits, keys, signs });
      sum.add(lanes, from);
    }
  };
  try {
    await Promise.all(threads.map(work));
  } finally {
    keys.fill(0);
  }
}
