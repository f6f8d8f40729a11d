import { parseManifest, type Template } from '@tributary/fl-core';
import { SHAPE_LABELS } from '@tributary/simulation';
import { GROUP_OF_TEN, SECURE_SUMS } from './secure-sums.ts';

/** 32 x 32 in colour, as CIFAR-10 has them. */
export const separableCnn: Template = {
  id: 'separable-cnn',
  title: 'Small colour pictures, separable network',
  description:
    'Pictures of 32 x 32 pixels in ten classes; starts with shapes that a page can make up: put your own labels in.',
  manifest: parseManifest({
    manifestVersion: 1,
    name: 'Shapes in colour',
    description: 'Learns to tell ten shapes apart, whatever their colours.',
    seed: 'separable-cnn',
    model: {
      kind: 'separable-cnn',
      height: 32,
      width: 32,
      channels: 3,
      stemFilters: 16,
      blocks: [
        { filters: 32, stride: 2 },
        { filters: 64, stride: 2 },
        { filters: 64, stride: 1 },
      ],
      classes: SHAPE_LABELS.length,
    },
    data: { kind: 'image', height: 32, width: 32, channels: 3, labels: [...SHAPE_LABELS] },
    training: { optimiser: { kind: 'adam', learningRate: 0.001 }, epochs: 2, batchSize: 8 },
    rounds: {
      committedRounds: 50,
      ...GROUP_OF_TEN,
      selectionSeconds: 5,
      trainingSeconds: 900,
    },
    aggregation: { maximumWeight: 500, serverOptimiser: { kind: 'sgd' } },
    ...SECURE_SUMS,
  }),
};
