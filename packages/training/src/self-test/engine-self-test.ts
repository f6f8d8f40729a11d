/**
 * An engine shows what it can before it trains: each kernel that the model uses on its own, and on a GPU, where shaders
 * are made for the sizes at hand, the model as a whole. What was found of this code on this device need not be found again.
 */
import type { BuiltInModelSpec, PassedOverBackend, Trainer, TrainRequest } from '@tributary/fl-core';
import type { SelfTestMemory, SelfTestOutcome } from '../backends/trainer-ports.ts';
import { createEngineTrainer } from '../local-training/engine-trainer.ts';
import { threadEngines } from '../local-training/thread-engines.ts';
import type { EngineKind } from '../network/engine-kind.ts';
import { networkOf } from '../network/network-of.ts';
import { MODEL_TOLERANCE, modelError } from './model-self-test.ts';
import { testKernels } from './test-kernels.ts';

/** Why a kind of engine must not train this model; null when it may. */
export type EngineSelfTest = (kind: EngineKind) => Promise<Omit<PassedOverBackend, 'name'> | null>;

export function createEngineSelfTest(model: BuiltInModelSpec, memory?: SelfTestMemory): EngineSelfTest {
  /** A backend that is opened again after a loss is the one that was tested before. */
  const found = new Map(Object.entries(memory?.known ?? {}));
  return async (kind) => {
    const key = JSON.stringify([kind.name, kind.adapter, model]);
    try {
      const outcome = found.get(key) ?? (await test(kind, model));
      if (!found.has(key)) memory?.remember(key, outcome);
      found.set(key, outcome);
      return outcome.passed ? null : failureOf(outcome);
    } catch (error) {
      // Nothing was found out about it: a device may be lost while it is tested.
      const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
      return { reason: `the self-test failed: ${reason}` };
    }
  };
}

async function test(kind: EngineKind, model: BuiltInModelSpec): Promise<SelfTestOutcome> {
  const kernels = await testKernels(kind, networkOf(model));
  if (!kernels.passed || kind.runsOn === 'thread') return kernels;
  const on = { expected: trainingOn(threadEngines()), tested: trainingOn(kind) };
  const relativeError = await modelError(model, on);
  return relativeError <= MODEL_TOLERANCE
    ? { passed: true }
    : { passed: false, kernel: 'whole-model', relativeError };
}

function failureOf({ kernel, relativeError }: Extract<SelfTestOutcome, { passed: false }>) {
  const error = relativeError === null ? 'gives no numbers' : `is off by ${relativeError.toExponential(1)}`;
  return { reason: `in the self-test ${kernel} ${error} (relative)`, kernel };
}

function trainingOn(kind: EngineKind): (request: TrainRequest) => ReturnType<Trainer['train']> {
  return (request) => createEngineTrainer(kind).train(request);
}
