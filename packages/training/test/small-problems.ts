/** Seeded problems that are small enough for the slowest backend. */
import {
  type ExampleSet,
  integerBelow,
  type LocalTraining,
  type ModelSpec,
  modelInputShape,
  seededRandom,
  standardNormal,
  tensorSize,
  unitInterval,
} from '@tributary/fl-core';

export const SOFTMAX = { kind: 'softmax-regression' as const, inputSize: 30, classes: 5 };
export const MLP = { kind: 'mlp' as const, inputSize: 30, hidden: [20, 9], classes: 5 };
export const TINY_CNN = { kind: 'mcmahan-cnn' as const, height: 8, width: 8, channels: 1, classes: 3 };
export const TINY_GRU = { kind: 'char-gru' as const, vocabularySize: 6, sequenceLength: 5, units: 8 };

export const SGD = { kind: 'sgd', learningRate: 0.1 } as const;
export const MOMENTUM = { kind: 'momentum', learningRate: 0.02, momentum: 0.9 } as const;
export const ADAM = { kind: 'adam', learningRate: 0.002, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

export function localTraining(changes: Partial<LocalTraining> = {}): LocalTraining {
  return { optimiser: SGD, epochs: 1, batchSize: 10, maximumExamples: 1_000_000, ...changes };
}

/** Gaussian clouds, one centre per class, with about half of the inputs exactly zero as in an image. */
export function clouds(model: ModelSpec & { classes: number }, count: number, seed = 'clouds'): ExampleSet {
  const random = seededRandom(seed);
  const inputShape = modelInputShape(model);
  const size = tensorSize(inputShape);
  const centres = Float32Array.from({ length: model.classes * size }, () => standardNormal(random));
  const labels = Int32Array.from({ length: count }, () => integerBelow(random, model.classes));
  const inputs = new Float32Array(count * size);
  for (let example = 0; example < count; example += 1) {
    for (let i = 0; i < size; i += 1) {
      const value = centres[labels[example]! * size + i]! + 0.8 * standardNormal(random);
      inputs[example * size + i] = unitInterval(random) < 0.5 ? 0 : value;
    }
  }
  return { count, inputShape, inputs, labelsPerExample: 1, labels };
}

/** L2 distance over the norm of `expected`. */
export function relativeDistance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i += 1) {
    difference += (actual[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  return Math.sqrt(difference / norm);
}
