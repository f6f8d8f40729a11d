import { parseManifest, type Template } from '@tributary/fl-core';
import { DIGIT_IMAGES, DIGIT_PIXELS } from './digit-images.ts';
import { GROUP_OF_TEN, SECURE_SUMS } from './secure-sums.ts';

/** 7,850 parameters: a round takes seconds on any device. */
export const digitsSoftmax: Template = {
  id: 'digits-softmax',
  title: 'Digits, softmax regression',
  description:
    'The smallest useful model for handwritten digits; good for a first try with ten tabs or people.',
  manifest: parseManifest({
    manifestVersion: 1,
    name: 'Digits (softmax regression)',
    description: 'Learns to read handwritten digits with the simplest model there is.',
    seed: 'digits-softmax',
    model: { kind: 'softmax-regression', inputSize: DIGIT_PIXELS, classes: 10 },
    data: DIGIT_IMAGES,
    training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 32 },
    rounds: { committedRounds: 30, ...GROUP_OF_TEN, selectionSeconds: 5 },
    aggregation: { maximumWeight: 500, serverOptimiser: { kind: 'sgd' } },
    ...SECURE_SUMS,
  }),
};
