/** Every field of the manifest, in the order of the form. Labels, units and help are in the catalogue, by path. */
import { ALPHABETS, USUAL_ADAPTATION } from '@tributary/fl-core';
import { compressionFields } from './compression-fields.ts';
import { type Draft, valueAt } from './draft.ts';
import { type Field, ofKind } from './field.ts';

export interface FieldGroup {
  readonly name:
    | 'task'
    | 'data'
    | 'model'
    | 'training'
    | 'rounds'
    | 'aggregation'
    | 'privacy'
    | 'compression'
    | 'eligibility';
  /** Faults at these paths that no field shows belong to this group. */
  readonly paths: readonly string[];
  readonly fields: readonly Field[];
}

/** Which fields there are depends on the kinds that the draft has chosen. */
export function fieldGroups(draft: Draft): readonly FieldGroup[] {
  return [
    {
      name: 'task',
      paths: ['name', 'description', 'seed'],
      fields: [
        { path: 'name', input: 'text' },
        { path: 'description', input: 'long-text', preset: '' },
        { path: 'seed', input: 'text' },
      ],
    },
    { name: 'data', paths: ['data'], fields: ofKind(draft, 'data', DATA_STARTERS, DATA) },
    { name: 'model', paths: ['model', 'initialModel'], fields: modelFields(draft) },
    {
      name: 'training',
      paths: ['training'],
      fields: [
        { path: 'training.epochs', input: 'number' },
        { path: 'training.batchSize', input: 'number' },
        { path: 'training.maximumExamples', input: 'number', preset: 1_000_000 },
        ...ofKind(draft, 'training.optimiser', OPTIMISER_STARTERS, OPTIMISER),
        { path: 'training.exampleClipping.clippingNorm', input: 'number' },
        { path: 'training.exampleClipping.microbatchSize', input: 'number', preset: 1 },
        { path: 'training.dataEchoing.maximumFactor', input: 'number' },
        {
          path: 'training.precision',
          input: 'choice',
          choices: ['float32', 'mixed'],
          preset: 'float32',
        },
      ],
    },
    {
      name: 'rounds',
      paths: ['rounds'],
      fields: [
        { path: 'rounds.committedRounds', input: 'number' },
        { path: 'rounds.reportGoal', input: 'number' },
        { path: 'rounds.minimumSurvivors', input: 'number' },
        { path: 'rounds.overSelection', input: 'number', preset: 1.3 },
        { path: 'rounds.selectionSeconds', input: 'number', preset: 10 },
        { path: 'rounds.trainingSeconds', input: 'number', preset: 300 },
        { path: 'rounds.reportingSeconds', input: 'number', preset: 60 },
        { path: 'rounds.rejoinSeconds', input: 'number', preset: 20 },
        { path: 'rounds.comeBackSeconds', input: 'number', preset: 15 },
      ],
    },
    {
      name: 'aggregation',
      paths: ['aggregation'],
      fields: [
        {
          path: 'aggregation.weighting',
          input: 'choice',
          choices: ['examples', 'equal'],
          preset: 'examples',
        },
        { path: 'aggregation.maximumWeight', input: 'number', preset: 10_000 },
        { path: 'aggregation.valueBound', input: 'number', preset: 32 },
        ...ofKind(draft, 'aggregation.serverOptimiser', SERVER_STARTERS, SERVER),
      ],
    },
    {
      name: 'privacy',
      paths: ['privacy', 'secureAggregation'],
      fields: [
        { path: 'privacy.clippingNorm', input: 'number' },
        { path: 'privacy.mode', input: 'choice', choices: ['none'], preset: 'none' },
        ...ofKind(draft, 'secureAggregation', SECURE_STARTERS, SECURE, { key: 'mode', preset: 'off' }),
      ],
    },
    { name: 'compression', paths: ['compression', 'downlink'], fields: compressionFields(draft) },
    {
      name: 'eligibility',
      paths: ['eligibility'],
      fields: [{ path: 'eligibility.minimumExamples', input: 'number', preset: 1 }],
    },
  ];
}

const DATA_STARTERS = {
  image: { kind: 'image', height: 28, width: 28, channels: 1, labels: ['0', '1'] },
  tabular: {
    kind: 'tabular',
    columns: [{ kind: 'number', name: 'x', mean: 0, deviation: 1 }],
    labelColumn: 'label',
    labels: ['0', '1'],
  },
  text: { kind: 'text', alphabet: ALPHABETS.english, sequenceLength: 64 },
} as const satisfies Record<string, Draft>;

const DATA: Record<keyof typeof DATA_STARTERS, readonly Field[]> = {
  image: [
    { path: 'data.height', input: 'number' },
    { path: 'data.width', input: 'number' },
    { path: 'data.channels', input: 'choice', choices: [1, 3] },
    { path: 'data.labels', input: 'words' },
  ],
  tabular: [
    { path: 'data.columns', input: 'columns' },
    { path: 'data.labelColumn', input: 'text' },
    { path: 'data.labels', input: 'words' },
  ],
  text: [
    { path: 'data.alphabet', input: 'alphabet' },
    { path: 'data.sequenceLength', input: 'number' },
  ],
};

const CHARACTERS = ALPHABETS.english.length;

const MODEL_STARTERS = {
  'softmax-regression': { kind: 'softmax-regression', inputSize: 784, classes: 10 },
  mlp: { kind: 'mlp', inputSize: 784, hidden: [200], classes: 10 },
  'mcmahan-cnn': { kind: 'mcmahan-cnn', height: 28, width: 28, channels: 1, classes: 10 },
  'separable-cnn': {
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
    classes: 10,
  },
  'char-gru': { kind: 'char-gru', vocabularySize: CHARACTERS, sequenceLength: 64, units: 128 },
  'char-transformer': {
    kind: 'char-transformer',
    vocabularySize: CHARACTERS,
    sequenceLength: 64,
    width: 64,
    heads: 4,
    blocks: 2,
  },
  layers: { kind: 'layers', topology: {}, inputShape: [28, 28, 1], classes: 10, parameterShapes: [] },
} as const satisfies Record<string, Draft>;

const MODEL: Record<keyof typeof MODEL_STARTERS, readonly Field[]> = {
  'softmax-regression': numbers('model.inputSize', 'model.classes'),
  mlp: [
    { path: 'model.inputSize', input: 'number' },
    { path: 'model.hidden', input: 'numbers' },
    { path: 'model.classes', input: 'number' },
  ],
  'mcmahan-cnn': numbers('model.height', 'model.width', 'model.channels', 'model.classes'),
  'separable-cnn': [
    ...numbers('model.height', 'model.width', 'model.channels', 'model.stemFilters'),
    { path: 'model.blocks', words: 'model.blocks.separable', input: 'separable-blocks' },
    { path: 'model.classes', input: 'number' },
  ],
  'char-gru': numbers('model.vocabularySize', 'model.sequenceLength', 'model.units'),
  'char-transformer': [
    ...numbers('model.vocabularySize', 'model.sequenceLength'),
    { path: 'model.width', words: 'model.width.features', input: 'number' },
    ...numbers('model.heads', 'model.blocks'),
  ],
  layers: [
    { path: 'model.inputShape', input: 'numbers' },
    { path: 'model.classes', input: 'number' },
    { path: 'model.topology', input: 'json' },
    { path: 'model.parameterShapes', input: 'json' },
  ],
};

const ADAPTATION_STARTERS = {
  lora: { kind: 'lora', ...USUAL_ADAPTATION, baseModel: '' },
} as const satisfies Record<string, Draft>;

const ADAPTATION: Record<keyof typeof ADAPTATION_STARTERS, readonly Field[]> = {
  lora: [
    ...numbers('model.adaptation.rank', 'model.adaptation.scale'),
    { path: 'model.adaptation.trains', input: 'choice', choices: ['both', 'b'], preset: 'both' },
    { path: 'model.adaptation.baseModel', input: 'base-model' },
  ],
};

const OPTIMISER_STARTERS = {
  sgd: { kind: 'sgd', learningRate: 0.1 },
  momentum: { kind: 'momentum', learningRate: 0.1, momentum: 0.9 },
  adam: { kind: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
} as const satisfies Record<string, Draft>;

const OPTIMISER: Record<keyof typeof OPTIMISER_STARTERS, readonly Field[]> = {
  sgd: numbers('training.optimiser.learningRate'),
  momentum: numbers('training.optimiser.learningRate', 'training.optimiser.momentum'),
  adam: [
    { path: 'training.optimiser.learningRate', input: 'number' },
    { path: 'training.optimiser.beta1', input: 'number', preset: 0.9 },
    { path: 'training.optimiser.beta2', input: 'number', preset: 0.999 },
    { path: 'training.optimiser.epsilon', input: 'number', preset: 1e-7 },
  ],
};

const SERVER_STARTERS = {
  sgd: { kind: 'sgd', learningRate: 1, momentum: 0 },
  adam: { kind: 'adam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 1e-3 },
} as const satisfies Record<string, Draft>;

const SERVER: Record<keyof typeof SERVER_STARTERS, readonly Field[]> = {
  sgd: [
    { path: 'aggregation.serverOptimiser.learningRate', input: 'number', preset: 1 },
    { path: 'aggregation.serverOptimiser.momentum', input: 'number', preset: 0 },
  ],
  adam: [
    { path: 'aggregation.serverOptimiser.learningRate', input: 'number', preset: 0.1 },
    { path: 'aggregation.serverOptimiser.beta1', input: 'number', preset: 0.9 },
    { path: 'aggregation.serverOptimiser.beta2', input: 'number', preset: 0.99 },
    { path: 'aggregation.serverOptimiser.tau', input: 'number', preset: 1e-3 },
  ],
};

const SECURE_STARTERS = {
  off: { mode: 'off' },
  'sa-1': { mode: 'sa-1' },
} as const satisfies Record<string, Draft>;

const SECURE: Record<keyof typeof SECURE_STARTERS, readonly Field[]> = {
  off: [],
  'sa-1': [
    { path: 'secureAggregation.corruptFraction', input: 'number', preset: 0.1 },
    { path: 'secureAggregation.dropoutFraction', input: 'number', preset: 0.1 },
    {
      path: 'secureAggregation.adversary',
      input: 'choice',
      choices: ['semi-malicious', 'semi-honest'],
      preset: 'semi-malicious',
    },
    { path: 'secureAggregation.graph', input: 'choice', choices: ['auto', 'complete'], preset: 'auto' },
    { path: 'secureAggregation.stageSeconds', input: 'number', preset: 30 },
  ],
};

function numbers(...paths: readonly string[]): Field[] {
  return paths.map((path) => ({ path, input: 'number' }));
}

function modelFields(draft: Draft): Field[] {
  const first: Field = { path: 'initialModel', input: 'base-model' };
  const fields = ofKind(draft, 'model', MODEL_STARTERS, MODEL);
  if (valueAt(draft, 'model.kind') !== 'char-transformer') return [...fields, first];
  const [choice, ...chosen] = ofKind(draft, 'model.adaptation', ADAPTATION_STARTERS, ADAPTATION);
  return [...fields, { ...choice!, none: true } as Field, ...chosen, first];
}
