import { parseManifest, type Template } from '@tributary/fl-core';
import { DIGIT_IMAGES } from './digit-images.ts';
import { GROUP_OF_TEN, SECURE_SUMS } from './secure-sums.ts';

/** The CNN of McMahan et al. 2017: 1,663,370 parameters. A round takes minutes without a graphics processor. */
export const mcmahanCnn: Template = {
  id: 'mcmahan-cnn',
  title: "McMahan's CNN on MNIST",
  description: 'Two convolutions and a dense layer of 512; 6.7 MB per download and upload. Wants WebGPU.',
  manifest: parseManifest({
    manifestVersion: 1,
    name: "McMahan's CNN",
    description: 'The convolutional network of "Communication-Efficient Learning of Deep Networks" (2017).',
    seed: 'mcmahan-cnn',
    model: { kind: 'mcmahan-cnn', height: 28, width: 28, channels: 1, classes: 10 },
    data: DIGIT_IMAGES,
    training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
    rounds: {
      committedRounds: 40,
      ...GROUP_OF_TEN,
      trainingSeconds: 1800,
      reportingSeconds: 180,
    },
    aggregation: { maximumWeight: 1000, serverOptimiser: { kind: 'sgd' } },
    ...SECURE_SUMS,
  }),
};
