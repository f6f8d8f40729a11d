/** Engines of our own, the fastest first: WebGPU, WebAssembly SIMD, and plain TypeScript, which is never passed over. */
import type { BuiltInModelSpec } from '@tributary/fl-core';
import { DEFAULT_BUDGET_BYTES } from '../local-training/engine-choice.ts';
import { createEngineTrainer } from '../local-training/engine-trainer.ts';
import type { EngineKind } from '../network/engine-kind.ts';
import { networkOf } from '../network/network-of.ts';
import { referenceEngines } from '../reference/reference-engine.ts';
import { createEngineSelfTest, type EngineSelfTest } from '../self-test/engine-self-test.ts';
import type { KernelBuild } from '../wasm/kernels.ts';
import { wasmEngines } from '../wasm/wasm-engines.ts';
import type { ThreadSource } from '../wasm-threads/thread-source.ts';
import { threadedEngines } from '../wasm-threads/threaded-engines.ts';
import type { BackendOptions, Candidate, OpenedCandidate } from './candidate.ts';
import type { LocalTrainerPorts } from './trainer-ports.ts';

export function engineCandidates(
  model: BuiltInModelSpec,
  options: BackendOptions,
  { selfTests, threads }: Pick<LocalTrainerPorts, 'selfTests' | 'threads'>,
): readonly Candidate[] {
  const selfTest = createEngineSelfTest(model, selfTests);
  return [
    { name: 'webgpu', open: () => openWebGpu(selfTest, options) },
    ...wasmBuilds(options).map(
      (build): Candidate => ({
        name: 'wasm',
        open: () => openWasm(build, model, { selfTest, options, threads }),
      }),
    ),
    { name: 'plain', open: async () => trainerOn(referenceEngines, options) },
  ];
}

async function openWebGpu(selfTest: EngineSelfTest, options: BackendOptions): Promise<OpenedCandidate> {
  const { openWebGpuEngines } = await import('../webgpu/webgpu-engines.ts');
  const opened = await openWebGpuEngines(options);
  return opened.usable ? trainerOnceTested(opened.kind, selfTest, options) : opened;
}

/** The strict build stands in for a relaxed one whose kernels fail. */
function wasmBuilds({ sameBits }: BackendOptions): readonly KernelBuild[] {
  const hasRelaxed = wasmEngines('relaxed') !== wasmEngines('strict');
  return sameBits || !hasRelaxed ? ['strict'] : ['relaxed', 'strict'];
}

/** Threads run the kernels that one thread has tested. */
async function openWasm(
  build: KernelBuild,
  model: BuiltInModelSpec,
  way: { selfTest: EngineSelfTest; options: BackendOptions; threads: ThreadSource | undefined },
): Promise<OpenedCandidate> {
  const { selfTest, options, threads } = way;
  const kind = wasmEngines(build);
  if (kind === null) return { usable: false, reason: 'WebAssembly SIMD is not available here' };
  const threaded = threads && onThreads(build, model, options, threads);
  return trainerOnceTested(kind, selfTest, options, threaded ?? kind);
}

/** Null where they would not pay, or the same bits are asked for. */
function onThreads(
  build: KernelBuild,
  model: BuiltInModelSpec,
  { sameBits, maximumThreads, memoryBudgetBytes = DEFAULT_BUDGET_BYTES }: BackendOptions,
  { most, start }: ThreadSource,
): EngineKind | null {
  const threads = maximumThreads ?? most;
  if (sameBits || threads < 2) return null;
  const network = networkOf(model);
  return threadedEngines({ build, network, threads, budgetBytes: memoryBudgetBytes, startThread: start });
}

async function trainerOnceTested(
  kind: EngineKind,
  selfTest: EngineSelfTest,
  options: BackendOptions,
  usual = kind,
): Promise<OpenedCandidate> {
  const failure = await selfTest(kind);
  if (failure === null) return trainerOn(usual, options);
  kind.close();
  return { usable: false, ...failure };
}

function trainerOn(kind: EngineKind, { memoryBudgetBytes }: BackendOptions): OpenedCandidate {
  const budget = memoryBudgetBytes === undefined ? {} : { memoryBudgetBytes };
  return {
    usable: true,
    createTrainer: (passedOver) => createEngineTrainer(kind, { ...budget, passedOver }),
  };
}
