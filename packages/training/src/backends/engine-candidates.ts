/** Engines of our own, the fastest first: WebGPU, WebAssembly SIMD, and plain TypeScript, which is never passed over. */
import type { BuiltInModelSpec, Trainer, TrainRequest } from '@tributary/fl-core';
import { createEngineTrainer } from '../local-training/engine-trainer.ts';
import { threadEngines } from '../local-training/thread-engines.ts';
import type { EngineKind } from '../network/engine-kind.ts';
import { referenceEngines } from '../reference/reference-engine.ts';
import { wasmEngines } from '../wasm/wasm-engines.ts';
import type { BackendOptions, Candidate, OpenedCandidate } from './candidate.ts';
import { runSelfTest } from './self-test.ts';

export function engineCandidates(model: BuiltInModelSpec, options: BackendOptions): readonly Candidate[] {
  return [
    { name: 'webgpu', open: () => openWebGpu(model, options) },
    { name: 'wasm', open: async () => openWasm(options) },
    { name: 'plain', open: async () => trainerOn(referenceEngines, options) },
  ];
}

async function openWebGpu(model: BuiltInModelSpec, options: BackendOptions): Promise<OpenedCandidate> {
  const { openWebGpuEngines } = await import('../webgpu/webgpu-engines.ts');
  const opened = await openWebGpuEngines(options);
  if (!opened.usable) return opened;
  const tested = await runSelfTest(model, {
    expected: trainingOn(threadEngines()),
    tested: trainingOn(opened.kind),
  });
  if (tested.passed) return trainerOn(opened.kind, options);
  opened.kind.close();
  return { usable: false, reason: tested.reason };
}

function openWasm(options: BackendOptions): OpenedCandidate {
  const kind = wasmEngines(options.sameBits ? 'strict' : 'relaxed');
  return kind
    ? trainerOn(kind, options)
    : { usable: false, reason: 'WebAssembly SIMD is not available here' };
}

function trainerOn(kind: EngineKind, { memoryBudgetBytes }: BackendOptions): OpenedCandidate {
  const budget = memoryBudgetBytes === undefined ? {} : { memoryBudgetBytes };
  return {
    usable: true,
    createTrainer: (passedOver) => createEngineTrainer(kind, { ...budget, passedOver }),
  };
}

function trainingOn(kind: EngineKind): (request: TrainRequest) => ReturnType<Trainer['train']> {
  return (request) => createEngineTrainer(kind).train(request);
}
