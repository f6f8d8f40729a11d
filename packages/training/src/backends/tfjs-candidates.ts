/** tfjs's backends, the fastest first. */
import * as tf from '@tensorflow/tfjs-core';
import type { ModelSpec, TrainRequest } from '@tributary/fl-core';
import { createTfjsTrainer } from '../tfjs/tfjs-trainer.ts';
import { trainWithTfjs } from '../tfjs/tfjs-training.ts';
import type { BackendOptions, Candidate, OpenedCandidate } from './candidate.ts';
import { openBackend, type TfjsBackendName } from './open-backend.ts';
import { runSelfTest } from './self-test.ts';

export function tfjsCandidates(model: ModelSpec, options: BackendOptions): readonly Candidate[] {
  const names: readonly TfjsBackendName[] = ['webgpu', 'webgl', 'wasm', 'cpu'];
  return names.map((name) => ({ name, open: () => open(name, model, options) }));
}

async function open(
  name: TfjsBackendName,
  model: ModelSpec,
  options: BackendOptions,
): Promise<OpenedCandidate> {
  const opened = await openBackend(name, options);
  if (!opened.usable) return opened;
  if (name !== 'cpu') {
    await openBackend('cpu', {});
    const tested = await runSelfTest(model, { expected: trainingOn('cpu'), tested: trainingOn(name) });
    if (!tested.passed) return { usable: false, reason: tested.reason };
  }
  return {
    usable: true,
    createTrainer: (passedOver) => createTfjsTrainer({ name, adapter: opened.adapter, passedOver }),
  };
}

function trainingOn(backend: TfjsBackendName) {
  return async (request: TrainRequest) => {
    await tf.setBackend(backend);
    return trainWithTfjs(request);
  };
}
