/**
 * What the coordinating thread and one other say to each other while they train: a few words of shared memory, with
 * `Atomics.wait` and `notify` around them, because a thread that computes has no event loop.
 */
import type { Address } from '../wasm/operation.ts';

/** A cache line, so that no two threads wait on the same one. */
export const ERRAND_BYTES = 64;

const ASKED = 0;
const ANSWERED = 1;
const EXAMPLES = 2;
const BATCH_SIZE = 3;
const HAS_FAILED = 4;
/** A float64, behind the words. */
const LOSS = 3;

/** In place of a number of examples. */
const END = -1;

/** The coordinating thread's side. */
export interface Errand {
  ask(examples: number, batchSize: number): void;
  /** The loss of what was asked last; null when the thread failed, or has not answered after `patienceMs`. */
  answer(patienceMs: number): number | null;
  end(): void;
}

export function errandAt(memory: WebAssembly.Memory, address: Address): Errand {
  const { words, loss } = viewsOf(memory, address);
  const ask = (examples: number, batchSize: number): void => {
    words[EXAMPLES] = examples;
    words[BATCH_SIZE] = batchSize;
    Atomics.add(words, ASKED, 1);
    Atomics.notify(words, ASKED);
  };
  return {
    ask,
    answer(patienceMs) {
      const asked = Atomics.load(words, ASKED);
      const answered = Atomics.load(words, ANSWERED);
      if (answered !== asked && Atomics.wait(words, ANSWERED, answered, patienceMs) === 'timed-out')
        return null;
      return words[HAS_FAILED] === 0 ? loss[LOSS] : null;
    },
    end: () => ask(END, 0),
  };
}

/** The other side: does what is asked until the end, and blocks this thread in between. */
export function runErrands(
  memory: WebAssembly.Memory,
  address: Address,
  addGradient: (examples: number, batchSize: number) => number,
): void {
  const { words, loss } = viewsOf(memory, address);
  for (let done = 0; ; done += 1) {
    Atomics.wait(words, ASKED, done);
    if (words[EXAMPLES] === END) return;
    try {
      loss[LOSS] = addGradient(words[EXAMPLES], words[BATCH_SIZE]);
    } catch (error) {
      words[HAS_FAILED] = 1;
      throw error;
    } finally {
      Atomics.add(words, ANSWERED, 1);
      Atomics.notify(words, ANSWERED);
    }
  }
}

function viewsOf({ buffer }: WebAssembly.Memory, address: Address) {
  return {
    words: new Int32Array(buffer, address, ERRAND_BYTES / 4),
    loss: new Float64Array(buffer, address, ERRAND_BYTES / 8),
  };
}
