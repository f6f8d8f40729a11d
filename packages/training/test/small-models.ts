/** Every built-in model, small enough for double precision and finite differences, and odd enough to find edges. */
import {
  type BuiltInModelSpec,
  type ExampleSet,
  integerBelow,
  isCharacterModel,
  labelsPerExample,
  modelClasses,
  modelInputShape,
  seededRandom,
  standardNormal,
  tensorSize,
  unitInterval,
} from '@tributary/fl-core';

const TRANSFORMER = {
  kind: 'char-transformer',
  vocabularySize: 11,
  sequenceLength: 6,
  width: 8,
  heads: 2,
  blocks: 2,
} as const;

export const SMALL_MODELS = {
  'softmax-regression': { kind: 'softmax-regression', inputSize: 7, classes: 3 },
  mlp: { kind: 'mlp', inputSize: 7, hidden: [5, 4], classes: 3 },
  'mcmahan-cnn': { kind: 'mcmahan-cnn', height: 9, width: 8, channels: 2, classes: 3 },
  'separable-cnn': {
    kind: 'separable-cnn',
    height: 9,
    width: 8,
    channels: 3,
    stemFilters: 4,
    blocks: [
      { filters: 6, stride: 2 },
      { filters: 5, stride: 1 },
    ],
    classes: 3,
  },
  'char-gru': { kind: 'char-gru', vocabularySize: 11, sequenceLength: 6, units: 5 },
  'char-transformer': TRANSFORMER,
  'adapted char-transformer': {
    ...TRANSFORMER,
    adaptation: { kind: 'lora', rank: 2, scale: 0.5, baseModel: 'ab'.repeat(32) },
  },
  'char-transformer with one frozen factor': {
    ...TRANSFORMER,
    adaptation: { kind: 'lora', rank: 2, scale: 2, baseModel: 'ab'.repeat(32), trains: 'b' },
  },
} as const satisfies Readonly<Record<string, BuiltInModelSpec>>;

/** Random inputs, half of them exactly zero as in an image, or random characters; random labels. */
export function randomExamples(model: BuiltInModelSpec, count: number, seed = 'examples'): ExampleSet {
  const random = seededRandom(seed);
  const inputShape = modelInputShape(model);
  const classes = modelClasses(model);
  const draw = (): number => {
    if (isCharacterModel(model)) return integerBelow(random, classes);
    return unitInterval(random) < 0.5 ? 0 : standardNormal(random);
  };
  return {
    count,
    inputShape,
    inputs: Float32Array.from({ length: count * tensorSize(inputShape) }, draw),
    labelsPerExample: labelsPerExample(model),
    labels: Int32Array.from({ length: count * labelsPerExample(model) }, () => integerBelow(random, classes)),
  };
}
