/**
 * Gradients of what people upload: one SGD step of a small model around each layer of tfjs, on the WASM backend with our
 * kernels beside tfjs's CPU backend, and against central differences.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  type LayersModel,
  layers,
  model as modelOf,
  type SymbolicTensor,
  sequential,
} from '@tensorflow/tfjs-layers';
import {
  type ExampleSet,
  integerBelow,
  type ModelSpec,
  modelSchema,
  type ParameterSet,
  parameterCount,
  parameterShapes,
  seededRandom,
  tensorSize,
  tensorViews,
  unitInterval,
} from '@tributary/fl-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { openBackend } from '../src/backends/open-backend.ts';
import { evaluateWithTfjs } from '../src/tfjs/tfjs-evaluation.ts';
import { trainWithTfjs } from '../src/tfjs/tfjs-training.ts';
import { relativeDistance } from './small-problems.ts';

vi.setConfig({ testTimeout: 60_000 });

const CLASSES = 3;
const EXAMPLES = 3;

type Layer = ReturnType<typeof layers.dense>;
type Chain = () => unknown[];

/** tfjs's orthogonal initialiser needs its umbrella package; parameters are always loaded. */
const ZEROS = { recurrentInitializer: 'zeros' } as const;

/** Layers after an input of that shape; a dense layer to the classes follows. */
const IMAGE = [5, 6, 2];
const SEQUENCE = [6, 4];
const VECTOR = [8];
const WORDS = [5];
const CHAINS: readonly (readonly [string, readonly number[], Chain])[] = [
  ...[
    'relu',
    'elu',
    'selu',
    'sigmoid',
    'hardSigmoid',
    'softplus',
    'softsign',
    'tanh',
    'swish',
    'mish',
    'relu6',
    'gelu',
  ].map(
    (activation) =>
      [
        `dense, ${activation}`,
        VECTOR,
        () => [layers.dense({ units: 7, activation: activation as 'relu' })],
      ] as const,
  ),
  ['softmax within', VECTOR, () => [layers.dense({ units: 7, activation: 'softmax' })]],
  [
    'conv2d',
    IMAGE,
    () => [layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'tanh' })],
  ],
  ['conv2d, strides', IMAGE, () => [layers.conv2d({ filters: 3, kernelSize: [2, 3], strides: [2, 1] })]],
  [
    'conv2d, same with strides',
    IMAGE,
    () => [
      layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }),
      layers.conv2d({ filters: 2, kernelSize: 2, padding: 'same' }),
    ],
  ],
  [
    'conv2d, pointwise',
    IMAGE,
    () => [layers.conv2d({ filters: 3, kernelSize: 1 }), layers.conv2d({ filters: 4, kernelSize: 1 })],
  ],
  [
    'conv2dTranspose',
    IMAGE,
    () => [layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' })],
  ],
  [
    'conv1d',
    SEQUENCE,
    () => [
      layers.conv1d({ filters: 3, kernelSize: 3, padding: 'same' }),
      layers.conv1d({ filters: 3, kernelSize: 3, strides: 2 }),
    ],
  ],
  ['conv3d', [3, 4, 4, 2], () => [layers.conv3d({ filters: 2, kernelSize: 2 })]],
  ['separableConv2d', IMAGE, () => [layers.separableConv2d({ filters: 4, kernelSize: 3, padding: 'same' })]],
  [
    'depthwiseConv2d',
    IMAGE,
    () => [
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 1, padding: 'same' }),
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2 } as never),
    ],
  ],
  [
    'depthwiseConv2d between trained layers',
    IMAGE,
    () => [
      layers.conv2d({ filters: 5, kernelSize: 2 }),
      layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', strides: 2 } as never),
      layers.depthwiseConv2d({ kernelSize: 2, padding: 'valid' }),
    ],
  ],
  [
    'conv2d, unequal strides between trained layers',
    IMAGE,
    () => [
      layers.conv2d({ filters: 3, kernelSize: 2 }),
      layers.conv2d({ filters: 3, kernelSize: 2, strides: [1, 2] }),
    ],
  ],
  [
    'maxPooling2d',
    IMAGE,
    () => [layers.conv2d({ filters: 3, kernelSize: 3 }), layers.maxPooling2d({ poolSize: 2, strides: 1 })],
  ],
  [
    'averagePooling2d',
    IMAGE,
    () => [
      layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same' }),
      layers.averagePooling2d({ poolSize: 2 }),
    ],
  ],
  [
    'pooling in one dimension',
    SEQUENCE,
    () => [
      layers.conv1d({ filters: 3, kernelSize: 2 }),
      layers.maxPooling1d({ poolSize: 2 }),
      layers.averagePooling1d({ poolSize: 2 }),
    ],
  ],
  [
    'global average, images',
    IMAGE,
    () => [layers.conv2d({ filters: 4, kernelSize: 3 }), layers.globalAveragePooling2d({})],
  ],
  [
    'global maximum, images',
    IMAGE,
    () => [layers.conv2d({ filters: 4, kernelSize: 3 }), layers.globalMaxPooling2d({})],
  ],
  [
    'global average, sequences',
    SEQUENCE,
    () => [layers.conv1d({ filters: 4, kernelSize: 3 }), layers.globalAveragePooling1d()],
  ],
  [
    'global maximum, sequences',
    SEQUENCE,
    () => [layers.conv1d({ filters: 4, kernelSize: 3 }), layers.globalMaxPooling1d()],
  ],
  ['layerNormalization', VECTOR, () => [layers.dense({ units: 6 }), layers.layerNormalization()]],
  [
    'layerNormalization over channels',
    IMAGE,
    () => [layers.conv2d({ filters: 4, kernelSize: 3 }), layers.layerNormalization({ axis: 3 })],
  ],
  ['embedding', WORDS, () => [layers.embedding({ inputDim: 7, outputDim: 4 })]],
  [
    'embedding, then lstm',
    WORDS,
    () => [layers.embedding({ inputDim: 7, outputDim: 4 }), layers.lstm({ units: 5, ...ZEROS })],
  ],
  ['simpleRNN', SEQUENCE, () => [layers.simpleRNN({ units: 5, ...ZEROS })]],
  ['gru', SEQUENCE, () => [layers.gru({ units: 5, ...ZEROS })]],
  [
    'lstm',
    SEQUENCE,
    () => [layers.lstm({ units: 5, returnSequences: true, ...ZEROS }), layers.lstm({ units: 4, ...ZEROS })],
  ],
  [
    'bidirectional',
    SEQUENCE,
    () => [layers.bidirectional({ layer: layers.gru({ units: 3, ...ZEROS }) as never, mergeMode: 'concat' })],
  ],
  [
    'timeDistributed',
    SEQUENCE,
    () => [layers.timeDistributed({ layer: layers.dense({ units: 3, activation: 'tanh' }) })],
  ],
  ['convLstm2d', [3, 4, 4, 2], () => [layers.convLstm2d({ filters: 2, kernelSize: 2, ...ZEROS })]],
  [
    'reshape, permute, flatten',
    IMAGE,
    () => [
      layers.conv2d({ filters: 3, kernelSize: 3 }),
      layers.permute({ dims: [3, 1, 2] }),
      layers.reshape({ targetShape: [3, 12] }),
      layers.conv1d({ filters: 2, kernelSize: 2 }),
    ],
  ],
  [
    'upSampling2d',
    IMAGE,
    () => [layers.conv2d({ filters: 3, kernelSize: 3 }), layers.upSampling2d({ size: [2, 3] })],
  ],
  [
    'upSampling2d, bilinear',
    IMAGE,
    () => [
      layers.conv2d({ filters: 3, kernelSize: 3 }),
      layers.upSampling2d({ size: [2, 2], interpolation: 'bilinear' } as never),
    ],
  ],
  [
    'zeroPadding2d, cropping2D',
    IMAGE,
    () => [
      layers.conv2d({ filters: 3, kernelSize: 3 }),
      layers.zeroPadding2d({ padding: [2, 1] }),
      layers.cropping2D({
        cropping: [
          [1, 0],
          [1, 1],
        ],
      }),
    ],
  ],
  ['repeatVector', VECTOR, () => [layers.dense({ units: 4 }), layers.repeatVector({ n: 3 })]],
  ['leakyReLU', VECTOR, () => [layers.dense({ units: 6 }), layers.leakyReLU({ alpha: 0.2 })]],
  ['elu', VECTOR, () => [layers.dense({ units: 6 }), layers.elu()]],
  ['prelu', VECTOR, () => [layers.dense({ units: 6 }), layers.prelu()]],
  ['reLU', VECTOR, () => [layers.dense({ units: 6 }), layers.reLU({ maxValue: 6 })]],
  ['softmax layer', VECTOR, () => [layers.dense({ units: 6 }), layers.softmax()]],
  ['rescaling', VECTOR, () => [layers.rescaling({ scale: 0.5, offset: 0.1 }), layers.dense({ units: 6 })]],
  ['masking', SEQUENCE, () => [layers.masking({ maskValue: 0 }), layers.lstm({ units: 4, ...ZEROS })]],
];

/** Two branches of one dense layer each, joined. */
const JOINTS: readonly (readonly [string, (branches: SymbolicTensor[]) => SymbolicTensor])[] = [
  ['add', (branches) => layers.add().apply(branches) as SymbolicTensor],
  ['average', (branches) => layers.average().apply(branches) as SymbolicTensor],
  ['multiply', (branches) => layers.multiply().apply(branches) as SymbolicTensor],
  ['maximum', (branches) => layers.maximum().apply(branches) as SymbolicTensor],
  ['minimum', (branches) => layers.minimum().apply(branches) as SymbolicTensor],
  ['concatenate', (branches) => layers.concatenate().apply(branches) as SymbolicTensor],
  ['dot', (branches) => layers.dot({ axes: -1 }).apply(branches) as SymbolicTensor],
];

describe.each([
  ...CHAINS.map(([name, shape, chain]) => ({ name, shape, build: () => chained(shape, chain() as Layer[]) })),
  ...JOINTS.map(([name, join]) => ({ name, shape: VECTOR, build: () => joined(join) })),
])('the gradient of $name', ({ name, shape, build }) => {
  let model: ModelSpec;
  let parameters: ParameterSet;
  let examples: ExampleSet;
  let reference: ParameterSet;

  beforeAll(async () => {
    await use('cpu');
    model = specOf(build(), shape);
    const random = seededRandom(name);
    const shapes = parameterShapes(model);
    parameters = {
      shapes,
      values: Float32Array.from(
        { length: parameterCount(shapes) },
        () => 0.8 * (unitInterval(random) - 0.45),
      ),
    };
    examples = {
      count: EXAMPLES,
      inputShape: shape,
      inputs: Float32Array.from({ length: EXAMPLES * tensorSize(shape) }, () =>
        shape === WORDS ? integerBelow(random, 7) : 2 * unitInterval(random) - 1,
      ),
      labelsPerExample: 1,
      labels: Int32Array.from({ length: EXAMPLES }, () => integerBelow(random, CLASSES)),
    };
    reference = await gradient(model, parameters, examples);
  });

  it('is on wasm what it is on cpu, to 1e-5', async () => {
    await use('wasm');
    const actual = await gradient(model, parameters, examples);
    expect(relativeDistance(actual.values, reference.values)).toBeLessThan(1e-5);
  });

  it('is the slope of the loss in each of its tensors, to 1e-3', async () => {
    await use('cpu');
    const { loss } = lossAround(model, examples);
    const views = tensorViews(reference);
    const errors: number[] = [];
    let norm = 0;
    for (const [index, view] of views.entries()) {
      const length = Math.hypot(...view);
      norm = Math.hypot(norm, length);
      if (length < 1e-6) continue;
      const step = 4e-3;
      const moved = (sign: number): ParameterSet => {
        const copy = { shapes: parameters.shapes, values: parameters.values.slice() };
        const target = tensorViews(copy)[index]!;
        view.forEach((slope, i) => {
          target[i]! += (sign * step * slope) / length;
        });
        return copy;
      };
      const difference = ((await loss(moved(1))) - (await loss(moved(-1)))) / (2 * step);
      errors.push(difference - length);
    }
    expect(Math.hypot(...errors) / norm).toBeLessThan(1e-3);
  });
});

async function use(backend: 'cpu' | 'wasm'): Promise<void> {
  expect(await openBackend(backend, {})).toMatchObject({ usable: true });
  expect(tf.getBackend()).toBe(backend);
}

async function gradient(
  model: ModelSpec,
  initial: ParameterSet,
  examples: ExampleSet,
): Promise<ParameterSet> {
  const { parameters } = await trainWithTfjs({
    model,
    initial,
    examples,
    training: {
      optimiser: { kind: 'sgd', learningRate: 1 },
      epochs: 1,
      batchSize: examples.count,
      maximumExamples: examples.count,
    },
    seed: 'gradient',
  });
  return {
    shapes: initial.shapes,
    values: parameters.values.map((value, index) => initial.values[index]! - value),
  };
}

function lossAround(model: ModelSpec, examples: ExampleSet) {
  return {
    loss: async (parameters: ParameterSet) => (await evaluateWithTfjs({ model, parameters, examples })).loss,
  };
}

function chained(shape: readonly number[], chain: Layer[]): LayersModel {
  const input = layers.inputLayer({ inputShape: [...shape] });
  const model = sequential({ layers: [input, ...chain] });
  if ((model.outputs[0]!.shape as number[]).length > 2) model.add(layers.flatten());
  model.add(layers.dense({ units: CLASSES }));
  return model;
}

function joined(join: (branches: SymbolicTensor[]) => SymbolicTensor): LayersModel {
  const input = layers.input({ shape: [...VECTOR] });
  const branch = (activation: 'tanh' | 'sigmoid') =>
    layers.dense({ units: 6, activation }).apply(input) as SymbolicTensor;
  const output = layers.dense({ units: CLASSES }).apply(join([branch('tanh'), branch('sigmoid')]));
  return modelOf({ inputs: input, outputs: output as SymbolicTensor });
}

function specOf(model: LayersModel, inputShape: readonly number[]): ModelSpec {
  const spec = {
    kind: 'layers',
    topology: JSON.parse(JSON.stringify(model.toJSON(null, false))),
    inputShape,
    classes: CLASSES,
    parameterShapes: model.trainableWeights.map((weight) => weight.shape),
  };
  model.dispose();
  return modelSchema.parse(spec);
}
