/** Engines of our own, the fastest first: WebGPU, WebAssembly SIMD, and plain TypeScript, which is never passed over. */
import type { BuiltInModelSpec } from '@tributary/fl-core';
import { createEngineTrainer } from '../local-training/engine-trainer.ts';
import type { EngineKind } from '../network/engine-kind.ts';
import { referenceEngines } from '../reference/reference-engine.ts';
import { createEngineSelfTest, type EngineSelfTest } from '../self-test/engine-self-test.ts';
import type { KernelBuild } from '../wasm/kernels.ts';
import { wasmEngines } from '../wasm/wasm-engines.ts';
import type { BackendOptions, Candidate, OpenedCandidate } from './candidate.ts';
import type { SelfTestMemory } from './trainer-ports.ts';

export function engineCandidates(
  model: BuiltInModelSpec,
  options: BackendOptions,
  memory?: SelfTestMemory,
): readonly Candidate[] {
  const selfTest = createEngineSelfTest(model, memory);
  return [
    { name: 'webgpu', open: () => openWebGpu(selfTest, options) },
    ...wasmBuilds(options).map(
      (build): Candidate => ({ name: 'wasm', open: () => openWasm(build, selfTest, options) }),
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

async function openWasm(
  build: KernelBuild,
  selfTest: EngineSelfTest,
  options: BackendOptions,
): Promise<OpenedCandidate> {
  const kind = wasmEngines(build);
  return kind
    ? trainerOnceTested(kind, selfTest, options)
    : { usable: false, reason: 'WebAssembly SIMD is not available here' };
}

async function trainerOnceTested(
  kind: EngineKind,
  selfTest: EngineSelfTest,
  options: BackendOptions,
): Promise<OpenedCandidate> {
  const failure = await selfTest(kind);
  if (failure === null) return trainerOn(kind, options);
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
