/** How TensorFlow.js names a model's weights: known for our own models, asked of tfjs for anybody else's. */
import { type ModelSpec, TributaryError } from '@tributary/fl-core';
import { builtWorker, openThread } from '../threads/thread.ts';
import { type NamedTopology, tfjsTopology } from './tfjs-topology.ts';

/** @throws TributaryError `model-unsupported` when tfjs cannot read the topology */
export async function namedTopology(model: ModelSpec): Promise<NamedTopology> {
  if (model.kind === 'char-transformer') {
    throw new TributaryError('model-unsupported', 'tfjs has no layer of causal attention');
  }
  if (model.kind !== 'layers') return tfjsTopology(model);
  return { topology: model.topology, weightNames: await weightNames(model) };
}

/** On a thread of its own: tfjs must never run on the coordinator's. */
async function weightNames(model: ModelSpec): Promise<readonly string[]> {
  const thread = openThread<ModelSpec, readonly string[]>(
    builtWorker('weight-names-worker', import.meta.url),
  );
  try {
    return await thread.ask(model);
  } finally {
    await thread.close();
  }
}
