/** How TensorFlow.js names a model's weights: known for our own models, asked of tfjs for anybody else's. */
import { Worker } from 'node:worker_threads';
import { type ModelSpec, TributaryError } from '@tributary/fl-core';
import { type NamedTopology, tfjsTopology } from './tfjs-topology.ts';
import type { WeightNamesAnswer } from './weight-names-worker.ts';

/** @throws TributaryError `model-unsupported` when tfjs cannot read the topology */
export async function namedTopology(model: ModelSpec): Promise<NamedTopology> {
  if (model.kind !== 'layers') return tfjsTopology(model);
  return { topology: model.topology, weightNames: await weightNames(model) };
}

/** On a thread of its own: tfjs must never run on the coordinator's. */
function weightNames(model: ModelSpec): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerFile(), { execArgv: [], workerData: model });
    worker.once('message', (answer: WeightNamesAnswer) => {
      if (answer.ok) resolve(answer.names);
      else reject(new TributaryError('model-unsupported', answer.message));
      void worker.terminate();
    });
    worker.once('error', reject);
  });
}

/** Node 20 cannot run TypeScript: from source (under vitest) the built worker is used. */
function workerFile(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../dist/export/weight-names-worker.js', import.meta.url)
    : new URL('./weight-names-worker.js', import.meta.url);
}
