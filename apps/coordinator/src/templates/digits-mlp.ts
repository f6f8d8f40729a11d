import { parseManifest, type Template } from '@tributary/fl-core';
import { DIGIT_IMAGES, DIGIT_PIXELS } from './digit-images.ts';
import { GROUP_OF_TEN, SECURE_SUMS } from './secure-sums.ts';

/** 784-200-10, 159,010 parameters. */
export const digitsMlp: Template = {
  id: 'digits-mlp',
  title: 'Digits, one hidden layer',
  description: 'A small neural network for handwritten digits: better than softmax regression, still quick.',
  manifest: parseManifest({
    manifestVersion: 1,
    name: 'Digits (one hidden layer)',
    description: 'Learns to read handwritten digits with a small neural network.',
    seed: 'digits-mlp',
    model: { kind: 'mlp', inputSize: DIGIT_PIXELS, hidden: [200], classes: 10 },
    data: DIGIT_IMAGES,
    training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 32 },
    rounds: { committedRounds: 50, ...GROUP_OF_TEN, selectionSeconds: 5 },
    aggregation: { maximumWeight: 500, serverOptimiser: { kind: 'sgd' } },
    ...SECURE_SUMS,
  }),
};
