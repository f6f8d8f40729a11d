/** What is trained: the models, and examples that every program of a comparison gets, to the last bit. */
import {
  type BuiltInModelSpec,
  type ExampleSet,
  integerBelow,
  modelClasses,
  modelInputShape,
  seededRandom,
  tensorSize,
  unitInterval,
} from '@tributary/fl-core';

export const MODELS = {
  mlp: { kind: 'mlp', inputSize: 784, hidden: [200, 200], classes: 10 },
  'mcmahan-cnn': { kind: 'mcmahan-cnn', height: 28, width: 28, channels: 1, classes: 10 },
  'separable-cnn': {
    kind: 'separable-cnn',
    height: 32,
    width: 32,
    channels: 3,
    stemFilters: 32,
    blocks: [
      { filters: 64, stride: 2 },
      { filters: 128, stride: 2 },
      { filters: 128, stride: 1 },
      { filters: 256, stride: 2 },
    ],
    classes: 10,
  },
  'char-gru': { kind: 'char-gru', vocabularySize: 90, sequenceLength: 80, units: 256 },
  'char-transformer': {
    kind: 'char-transformer',
    vocabularySize: 90,
    sequenceLength: 64,
    width: 128,
    heads: 4,
    blocks: 4,
  },
} as const satisfies Readonly<Record<string, BuiltInModelSpec>>;
export type ModelName = keyof typeof MODELS;

/**
 * `digits` are as sparse as MNIST, where 81 inputs of 100 are zero: an engine that skips them gains, and not on data of
 * another kind. So models of digits are measured with `dense` inputs, too.
 */
export type DataKind = 'digits' | 'dense' | 'text';

export interface Workload {
  readonly model: ModelName;
  readonly data: DataKind;
  readonly batch: number;
}

export const LEARNING_RATE = 0.05;
const BATCHES = 8;
const FRACTION_OF_ZEROS = 0.81;

export function examplesOf({ model, data, batch }: Workload): ExampleSet {
  const spec = MODELS[model];
  const inputShape = modelInputShape(spec);
  const count = BATCHES * batch;
  const random = seededRandom(`benchmark/${model}/${data}`);
  const input = (): number => {
    switch (data) {
      case 'digits':
        return unitInterval(random) < FRACTION_OF_ZEROS ? 0 : unitInterval(random);
      case 'dense':
        return unitInterval(random);
      case 'text':
        return integerBelow(random, modelClasses(spec));
    }
  };
  const labelsPerExample = 'sequenceLength' in spec ? spec.sequenceLength : 1;
  return {
    count,
    inputShape,
    inputs: Float32Array.from({ length: count * tensorSize(inputShape) }, input),
    labelsPerExample,
    labels: Int32Array.from({ length: count * labelsPerExample }, () =>
      integerBelow(random, modelClasses(spec)),
    ),
  };
}

/** The batches that a program goes through again and again. */
export const batchesOf = ({ batch }: Workload): Int32Array[] =>
  Array.from({ length: BATCHES }, (_, index) =>
    Int32Array.from({ length: batch }, (__, example) => index * batch + example),
  );
