import { parseManifest, type Template } from '@tributary/fl-core';
import { DIGIT_IMAGES, DIGIT_PIXELS } from './digit-images.ts';
import { GROUP_OF_TEN, SECURE_SUMS } from './secure-sums.ts';

/** The 2NN of McMahan et al. 2017: 784-200-200-10, 199,210 parameters, E = 1, B = 10, ten of a hundred clients. */
export const mcmahan2nn: Template = {
  id: 'mcmahan-2nn',
  title: "McMahan's 2NN on MNIST",
  description:
    'The published baseline: two hidden layers of 200, ten clients a round, 97 % within 87 rounds.',
  manifest: parseManifest({
    manifestVersion: 1,
    name: "McMahan's 2NN",
    description: 'The multilayer perceptron of "Communication-Efficient Learning of Deep Networks" (2017).',
    seed: 'mcmahan-2nn',
    model: { kind: 'mlp', inputSize: DIGIT_PIXELS, hidden: [200, 200], classes: 10 },
    data: DIGIT_IMAGES,
    training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
    rounds: { committedRounds: 100, ...GROUP_OF_TEN },
    aggregation: { maximumWeight: 1000, serverOptimiser: { kind: 'sgd' } },
    ...SECURE_SUMS,
  }),
};
