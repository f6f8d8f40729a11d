/** How TensorFlow.js names a model's weights: known for our own models, asked of tfjs for anybody else's. */
import { type ModelSpec, TributaryError } from '@tributary/fl-core';
import { askOnce } from '../threads/ask-once.ts';
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
const weightNames = (model: ModelSpec): Promise<readonly string[]> =>
  askOnce({ name: 'weight-names-worker', importer: import.meta.url }, model);
