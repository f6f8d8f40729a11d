/** tfjs's backends, the fastest first. */
import * as tf from '@tensorflow/tfjs-core';
import type { ModelSpec, TrainRequest } from '@tributary/fl-core';
import { testModel } from '../self-test/model-self-test.ts';
import { createTfjsTrainer } from '../tfjs/tfjs-trainer.ts';
import { trainWithTfjs } from '../tfjs/tfjs-training.ts';
import type { BackendOptions, Candidate, OpenedCandidate } from './candidate.ts';
import { openBackend, type TfjsBackendName } from './open-backend.ts';

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
    const reason = await testModel(model, { expected: trainingOn('cpu'), tested: trainingOn(name) });
    if (reason !== null) return { usable: false, reason };
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
