/** Builds the tfjs layers model of every `ModelSpec`; its output is always logits. */
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers, models, sequential } from '@tensorflow/tfjs-layers';
import {
  denseWidths,
  type ModelSpec,
  modelClasses,
  parameterShapes,
  sameShapes,
  TributaryError,
  tensorSize,
} from '@tributary/fl-core';
import { oneHot } from './one-hot.ts';
import { registerResizeGradients } from './resize-gradients.ts';
import { readLogitsTopology } from './topology.ts';

registerResizeGradients();

export interface BuiltModel {
  /** In the order of `parameterShapes`. */
  readonly variables: readonly tf.Variable[];
  /** As saved models name them, e.g. `dense1/kernel`; in the same order. */
  readonly weightNames: readonly string[];
  /** One row of `classes` logits per label; `step` seeds dropout while training, null evaluates. */
  logits(inputs: Float32Array, count: number, step: number | null): tf.Tensor2D;
  dispose(): void;
}

/** @throws TributaryError `model-unsupported` */
export async function buildModel(spec: ModelSpec): Promise<BuiltModel> {
  const model = await layersModelOf(spec);
  try {
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    checkWeights(spec, model, variables);
    const classes = modelClasses(spec);
    return {
      variables,
      weightNames: model.trainableWeights.map((weight) => weight.originalName),
      logits(inputs, count, step) {
        if (step !== null) seedDropout(model, step);
        const output = model.apply(inputTensor(spec, inputs, count), { training: step !== null });
        return tf.reshape(output as tf.Tensor, [-1, classes]);
      },
      dispose: () => model.dispose(),
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Parameters are always loaded, so initialisers only cost time (and orthogonal ones an operation WASM lacks). */
const UNINITIALISED = {
  kernelInitializer: 'zeros',
  recurrentInitializer: 'zeros',
  biasInitializer: 'zeros',
} as const;

async function layersModelOf(spec: ModelSpec): Promise<LayersModel> {
  switch (spec.kind) {
    case 'softmax-regression':
    case 'mlp': {
      const widths = denseWidths(spec);
      return sequential({
        layers: widths.slice(1).map((units, index) =>
          layers.dense({
            units,
            activation: index < widths.length - 2 ? 'relu' : 'linear',
            ...(index === 0 ? { inputShape: [spec.inputSize] } : {}),
            ...UNINITIALISED,
          }),
        ),
      });
    }
    case 'mcmahan-cnn': {
      const convolution = { kernelSize: 5, padding: 'same', activation: 'relu', ...UNINITIALISED } as const;
      return sequential({
        layers: [
          layers.conv2d({
            filters: 32,
            inputShape: [spec.height, spec.width, spec.channels],
            ...convolution,
          }),
          layers.maxPooling2d({ poolSize: 2, strides: 2 }),
          layers.conv2d({ filters: 64, ...convolution }),
          layers.maxPooling2d({ poolSize: 2, strides: 2 }),
          layers.flatten(),
          layers.dense({ units: 512, activation: 'relu', ...UNINITIALISED }),
          layers.dense({ units: spec.classes, ...UNINITIALISED }),
        ],
      });
    }
    case 'char-gru':
      return sequential({
        layers: [
          layers.gru({
            units: spec.units,
            inputShape: [spec.sequenceLength, spec.vocabularySize],
            // tfjs's GRU applies the reset gate before the recurrent product (`reset_after` false).
            returnSequences: true,
            recurrentActivation: 'sigmoid',
            ...UNINITIALISED,
          }),
          layers.dense({ units: spec.vocabularySize, ...UNINITIALISED }),
        ],
      });
    case 'separable-cnn':
    case 'char-transformer':
      throw new TributaryError('model-unsupported', `tfjs does not train ${spec.kind}`);
    case 'layers':
      return uploadedModel(spec.topology);
  }
}

async function uploadedModel(topology: Record<string, unknown>): Promise<LayersModel> {
  const logitsTopology = readLogitsTopology(topology);
  try {
    return await models.modelFromJSON(logitsTopology as Parameters<typeof models.modelFromJSON>[0]);
  } catch (error) {
    throw new TributaryError('model-unsupported', 'tfjs cannot read this model topology', { cause: error });
  }
}

function checkWeights(spec: ModelSpec, model: LayersModel, variables: readonly tf.Variable[]): void {
  if (model.nonTrainableWeights.length > 0) {
    throw new TributaryError(
      'model-unsupported',
      'the model keeps values outside its trainable parameters (batch normalisation, or a frozen layer)',
    );
  }
  if (
    !sameShapes(
      parameterShapes(spec),
      variables.map((variable) => variable.shape),
    )
  ) {
    throw new TributaryError('model-unsupported', 'the topology does not have the declared parameter shapes');
  }
}

function inputTensor(spec: ModelSpec, inputs: Float32Array, count: number): tf.Tensor {
  switch (spec.kind) {
    case 'softmax-regression':
    case 'mlp':
      return tf.tensor2d(inputs, [count, spec.inputSize]);
    case 'mcmahan-cnn':
    case 'separable-cnn':
      return tf.tensor4d(inputs, [count, spec.height, spec.width, spec.channels]);
    case 'char-transformer':
    case 'char-gru': {
      const { sequenceLength, vocabularySize } = spec;
      const rows = oneHot(Int32Array.from(inputs), vocabularySize);
      return tf.reshape(rows, [count, sequenceLength, vocabularySize]);
    }
    case 'layers':
      if (inputs.length !== count * tensorSize(spec.inputShape))
        throw new Error('inputs do not fill the batch');
      return tf.tensor(inputs, [count, ...spec.inputShape]);
  }
}

/** Layers with a `seed` (dropout) draw the same mask each time they are called, so the seed must move on. */
function seedDropout(model: LayersModel, step: number): void {
  model.layers.forEach((layer, index) => {
    if ('seed' in layer) (layer as { seed: unknown }).seed = step * 1009 + index + 1;
  });
}
