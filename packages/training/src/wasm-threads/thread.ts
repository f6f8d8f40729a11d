/** A thread beside the coordinating one: adds the gradient of its part, batch after batch. */
import type { GradientClipping } from '../network/engine.ts';
import type { Network } from '../network/network.ts';
import { instantiateKernels } from '../wasm/kernels.ts';
import { type ParameterPlace, passesIn } from '../wasm/passes.ts';
import { runErrands } from './errand.ts';
import { partExamples } from './part-examples.ts';
import type { ThreadPlace } from './shared-plan.ts';

/** Everything that a thread is told: the rest goes through the memory. */
export interface ThreadDuty {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly network: Network;
  readonly clipping: GradientClipping | null;
  readonly parameters: ParameterPlace;
  readonly partSize: number;
  readonly place: ThreadPlace;
}

/** Blocks this thread, after `ready`, until the engine is disposed. */
export function runThread(duty: ThreadDuty, ready: () => void): void {
  const { memory, network, partSize, parameters, place } = duty;
  const kernels = instantiateKernels(duty, memory);
  kernels.moveHeap(place.heap);
  const { addGradient } = passesIn({ kernels, memory, base: place.base }, duty, place.plan, parameters);
  const examples = partExamples(memory, network, place, partSize);
  const indices = Int32Array.from({ length: partSize }, (_, index) => index);
  ready();
  runErrands(memory, place.errand, (count, batchSize) =>
    addGradient(examples, indices.subarray(0, count), batchSize),
  );
}
