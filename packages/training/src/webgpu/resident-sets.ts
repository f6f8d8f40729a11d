/** Example sets that stay on the GPU as long as they come again. Those that are too large travel row by row, with each pass. */
import type { ExampleSet } from '@tributary/fl-core';
import type { Network } from '../network/network.ts';
import type { Gpu, PreparedDispatch } from './device.ts';
import { type ExampleBuffers, gather, rowsOf, uploadExamples } from './example-buffers.ts';
import type { GpuMemory } from './memory.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';

export interface ReachableExamples {
  /** Where the examples of the pass lie. */
  readonly indices: Int32Array;
  readonly gathering: PreparedDispatch;
  readonly loss: PreparedDispatch;
}

export interface ResidentSets {
  reach(examples: ExampleSet, batch: Int32Array): ReachableExamples;
  release(): void;
}

/** What is trained on, and what is held out. */
const MOST_SETS = 2;
type BoundExamples = ExampleBuffers & Omit<ReachableExamples, 'indices'>;

export async function residentSets(gpu: Gpu, network: Network, memory: GpuMemory): Promise<ResidentSets> {
  const sets = new Map<ExampleSet, BoundExamples>();
  await compileShaders(gpu, network, memory);
  const bound = (numbers: Pick<ExampleSet, 'inputs' | 'labels'>): BoundExamples => {
    const buffers = uploadExamples(gpu.device, numbers);
    return {
      ...buffers,
      gathering: gpu.bind(gather(network, memory, buffers)),
      loss: gpu.bind(softmaxCrossEntropy(network, memory, buffers)),
    };
  };
  /** Replaced with every pass; the one before stays until the GPU has read it. */
  let passing: BoundExamples | null = null;
  return {
    reach(examples, batch) {
      if (examples.inputs.byteLength > gpu.residentBytes) {
        passing?.release();
        passing = bound(rowsOf(examples, batch));
        return { ...passing, indices: batch.map((_, row) => row) };
      }
      const known = sets.get(examples);
      if (known) return { ...known, indices: batch };
      const [oldest] = sets.keys();
      if (oldest !== undefined && sets.size === MOST_SETS) {
        sets.get(oldest)?.release();
        sets.delete(oldest);
      }
      const uploaded = bound(examples);
      sets.set(examples, uploaded);
      return { ...uploaded, indices: batch };
    },
    release() {
      passing?.release();
      for (const set of sets.values()) set.release();
    },
  };
}

/** Before the first examples come, so that no step waits: shaders depend on no set. */
async function compileShaders(gpu: Gpu, network: Network, memory: GpuMemory): Promise<void> {
  const empty = uploadExamples(gpu.device, { inputs: new Float32Array(4), labels: new Int32Array(4) });
  await Promise.all([
    gpu.compile(gather(network, memory, empty)),
    gpu.compile(softmaxCrossEntropy(network, memory, empty)),
  ]);
  empty.release();
}
