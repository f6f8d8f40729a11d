/** A small valid manifest that tests bend. */
import { parseManifest, type TaskManifest, type TaskManifestInput } from '@tributary/fl-core';

export const SMALL_MANIFEST: TaskManifestInput = {
  manifestVersion: 1,
  name: 'small',
  seed: 'test',
  model: { kind: 'softmax-regression', inputSize: 4, classes: 2 },
  data: { kind: 'image', height: 2, width: 2, channels: 1, labels: ['a', 'b'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 2 },
  rounds: { committedRounds: 3, reportGoal: 3, minimumSurvivors: 2 },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
};

export const smallManifest = (): TaskManifest => parseManifest(SMALL_MANIFEST);
