import { parseManifest, type Template } from '@tributary/fl-core';
import { DIGIT_IMAGES, DIGIT_PIXELS } from './digit-images.ts';

/** 7,850 parameters: a round takes seconds on any device. */
export const digitsSoftmax: Template = {
  id: 'digits-softmax',
  title: 'Digits, softmax regression',
  description: 'The smallest useful model for handwritten digits; good for a first try with a few tabs.',
  manifest: parseManifest({
    manifestVersion: 1,
    name: 'Digits (softmax regression)',
    description: 'Learns to read handwritten digits with the simplest model there is.',
    seed: 'digits-softmax',
    model: { kind: 'softmax-regression', inputSize: DIGIT_PIXELS, classes: 10 },
    data: DIGIT_IMAGES,
    training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 32 },
    rounds: { committedRounds: 30, reportGoal: 3, minimumSurvivors: 2, selectionSeconds: 5 },
    aggregation: { serverOptimiser: { kind: 'sgd' } },
  }),
};
