import type { BackendReport } from '@tributary/fl-core';
import type { Engine, EngineSpec } from '../network/engine.ts';
import type { EngineKind } from '../network/engine-kind.ts';
import { floatingPointOperations } from '../network/floating-point-operations.ts';
import type { Network } from '../network/network.ts';
import { compiledKernels, type KernelBuild, sharedKernels } from '../wasm/kernels.ts';
import { wasmEngines } from '../wasm/wasm-engines.ts';
import { planShared } from './shared-plan.ts';
import { createThreadedEngine, type Thread } from './threaded-engine.ts';

/** Floating-point operations of a step from which threads win, by measurement (decision 0016). */
const WORTH_THREADS = 2e8;
/** What most runs have: the report on a backend comes before the first request. */
const USUAL_BATCH = 32;

export interface ThreadedEnginesOptions {
  readonly build: KernelBuild;
  /** What will be trained. */
  readonly network: Network;
  /** At least 2. */
  readonly threads: number;
  /** The most that one engine may take, with all of its threads. */
  readonly budgetBytes: number;
  startThread(): Thread;
}

/**
 * WebAssembly engines that take threads where a step is long enough and memory allows, and go on without them when one is
 * lost. Null where WebAssembly SIMD cannot run, or this network would never take them.
 */
export function threadedEngines(options: ThreadedEnginesOptions): EngineKind | null {
  const { build, network, threads, budgetBytes, startThread } = options;
  const single = wasmEngines(build);
  const compiled = compiledKernels(build);
  if (single === null || compiled === null || !areThreadsWorthIt(network, USUAL_BATCH)) return null;
  let module: WebAssembly.Module | undefined;
  let inUse = threads;
  const passedOver: BackendReport['passedOver'][number][] = [];
  const give = (reason: string): void => {
    inUse = 1;
    passedOver.push({ name: 'wasm', reason: `${threads} threads: ${reason}` });
  };

  const withThreads = async (spec: EngineSpec): Promise<Engine> => {
    const plan = planShared(spec, threads, compiled.build);
    if (plan === null || plan.bytes > budgetBytes) return single.create(spec);
    module ??= sharedKernels(compiled.build);
    try {
      return await createThreadedEngine(spec, { module, plan, startThread, onLost: give });
    } catch (error) {
      give(error instanceof Error ? error.message : String(error));
      return single.create(spec);
    }
  };
  return {
    ...single,
    get adapter() {
      return inUse > 1 ? `${single.adapter}, ${inUse} threads` : single.adapter;
    },
    get passedOver() {
      return passedOver;
    },
    create: (spec) =>
      inUse > 1 && !spec.onlyPredicts && areThreadsWorthIt(spec.network, spec.batchSize)
        ? withThreads(spec)
        : single.create(spec),
  };
}

function areThreadsWorthIt(network: Network, batchSize: number): boolean {
  const { forward, backward } = floatingPointOperations(network);
  return batchSize > 1 && batchSize * (forward + backward) >= WORTH_THREADS;
}
