/** A task of pictures of 2x2 pixels, as somebody would write it down. */
import type { TaskManifestInput } from '@tributary/fl-core';

export const TINY_PICTURES: TaskManifestInput = {
  manifestVersion: 1,
  name: 'digits',
  seed: 's',
  model: { kind: 'softmax-regression', inputSize: 4, classes: 2 },
  data: { kind: 'image', height: 2, width: 2, channels: 1, labels: ['a', 'b'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
  rounds: { committedRounds: 3, reportGoal: 2, minimumSurvivors: 1 },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
};

/** The same in a run whose coordinator learns sums only. */
export const SECURE_PICTURES: TaskManifestInput = {
  ...TINY_PICTURES,
  rounds: { committedRounds: 3, reportGoal: 10, minimumSurvivors: 8 },
  eligibility: { minimumExamples: 2 },
  compression: { codec: 'quantised' },
  secureAggregation: { mode: 'sa-1' },
};
