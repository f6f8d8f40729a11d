/** Where everything lies in the one memory of all threads: each has buffers of its own, and all read one thread's parameters. */
import type { EngineSpec } from '../network/engine.ts';
import { type MemoryPlan, planMemory } from '../network/memory-plan.ts';
import { compiledKernels, heapBaseOf, type KernelBuild } from '../wasm/kernels.ts';
import type { Address } from '../wasm/operation.ts';
import type { ParameterPlace } from '../wasm/passes.ts';
import { parameterPlace, wasmLayout } from '../wasm/wasm-engine.ts';
import { partsOf } from './batch-parts.ts';
import { ERRAND_BYTES } from './errand.ts';

export const PAGE_BYTES = 65_536;

/** What a thread beside the coordinating one has. */
export interface ThreadPlace {
  /** What its kernels keep for themselves. */
  readonly heap: Address;
  readonly base: Address;
  readonly plan: MemoryPlan;
  /** The examples of its part, put there by the coordinating thread. */
  readonly inputs: Address;
  readonly labels: Address;
  readonly errand: Address;
}

export interface SharedPlan {
  /** Of the whole memory. */
  readonly bytes: number;
  readonly base: Address;
  readonly plan: MemoryPlan;
  readonly parameters: ParameterPlace;
  /** The most examples of one part. */
  readonly partSize: number;
  readonly threads: readonly ThreadPlace[];
}

/** Null where WebAssembly SIMD cannot run. */
export function planShared(spec: EngineSpec, threads: number, wanted: KernelBuild): SharedPlan | null {
  const compiled = compiledKernels(wanted);
  if (compiled === null) return null;
  const layout = wasmLayout(compiled.build);
  // Kernels keep no more for themselves than what lies below.
  const heapBase = heapBaseOf(compiled);
  const { network, batchSize, clipping } = spec;
  const aligned = (address: number): Address => Math.ceil(address / layout.alignment) * layout.alignment;
  let end = aligned(heapBase);
  const reserve = (bytes: number): Address => {
    const address = end;
    end = aligned(end + bytes);
    return address;
  };
  const [{ to: partSize }] = partsOf(batchSize, threads, clipping?.microbatchSize ?? 1);
  const examplesPerPass = Math.min(spec.examplesPerPass, partSize);
  const plan = planMemory({ ...spec, layout }, examplesPerPass);
  const base = reserve(plan.arenaBytes);

  const threadPlan = planMemory(
    { ...spec, optimiser: { kind: 'sgd', learningRate: 1 }, layout, onlyGradient: true },
    examplesPerPass,
  );
  const { rows, width } = network.values[network.input];
  const places = Array.from({ length: threads - 1 }, (): ThreadPlace => {
    return {
      heap: reserve(heapBase),
      base: reserve(threadPlan.arenaBytes),
      plan: threadPlan,
      inputs: reserve(4 * partSize * rows * width),
      labels: reserve(4 * partSize * network.values[network.logits].rows),
      errand: reserve(ERRAND_BYTES),
    };
  });
  const bytes = Math.ceil(end / PAGE_BYTES) * PAGE_BYTES;
  return { bytes, base, plan, parameters: parameterPlace({ base }, plan), partSize, threads: places };
}
