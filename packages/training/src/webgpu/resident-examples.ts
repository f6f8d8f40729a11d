/** The examples that stay on the GPU as long as the same set comes again. One that is too large travels row by row, with each pass. */
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

export interface ResidentExamples {
  reach(examples: ExampleSet, batch: Int32Array): ReachableExamples;
  release(): void;
}

type BoundExamples = ExampleBuffers & Omit<ReachableExamples, 'indices'>;

export async function residentExamples(
  gpu: Gpu,
  network: Network,
  memory: GpuMemory,
): Promise<ResidentExamples> {
  await compileShaders(gpu, network, memory);
  /** A set, or null where only the rows of a pass are there. What it replaces stays until the GPU has read it. */
  let resident: { readonly set: ExampleSet | null; readonly bound: BoundExamples } | null = null;
  const upload = (set: ExampleSet | null, numbers: Pick<ExampleSet, 'inputs' | 'labels'>): BoundExamples => {
    resident?.bound.release();
    const buffers = uploadExamples(gpu.device, numbers);
    const bound = {
      ...buffers,
      gathering: gpu.bind(gather(network, memory, buffers)),
      loss: gpu.bind(softmaxCrossEntropy(network, memory, buffers)),
    };
    resident = { set, bound };
    return bound;
  };
  return {
    reach(examples, batch) {
      if (examples.inputs.byteLength > gpu.residentBytes) {
        return { ...upload(null, rowsOf(examples, batch)), indices: batch.map((_, row) => row) };
      }
      const bound = resident?.set === examples ? resident.bound : upload(examples, examples);
      return { ...bound, indices: batch };
    },
    release() {
      resident?.bound.release();
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
