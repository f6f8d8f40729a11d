/** The built-in models in the sizes in which they are measured, and examples for them. */
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

export const TYPICAL_MODELS = {
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
export type TypicalModel = keyof typeof TYPICAL_MODELS;

export interface RandomExamples {
  readonly count: number;
  /** How many inputs of a hundred are zero: 81 in MNIST. Characters are never left out. */
  readonly percentZeros: number;
}

/** The same for everybody who asks for the same. */
export function randomExamples(model: BuiltInModelSpec, { count, percentZeros }: RandomExamples): ExampleSet {
  const random = seededRandom(`typical/${model.kind}/${percentZeros}`);
  const classes = modelClasses(model);
  const isText = 'sequenceLength' in model;
  const input = (): number => {
    if (isText) return integerBelow(random, classes);
    return unitInterval(random) * 100 < percentZeros ? 0 : unitInterval(random);
  };
  const inputShape = modelInputShape(model);
  const labelsPerExample = isText ? model.sequenceLength : 1;
  return {
    count,
    inputShape,
    inputs: Float32Array.from({ length: count * tensorSize(inputShape) }, input),
    labelsPerExample,
    labels: Int32Array.from({ length: count * labelsPerExample }, () => integerBelow(random, classes)),
  };
}
