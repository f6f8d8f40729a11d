/**
 * Models as TensorFlow.js writes them down (`model_topology`, in Keras's words) and the names of their weights. The
 * same layers that the trainer builds, with a softmax at the end, so that predictions are probabilities.
 */
import { denseWidths, type ModelSpec } from '@tributary/fl-core';

export interface NamedTopology {
  readonly topology: Record<string, unknown>;
  /** In the order of `parameterShapes`. */
  readonly weightNames: readonly string[];
}

export type BuiltInModel = Exclude<ModelSpec, { kind: 'layers' | 'char-transformer' }>;

export function tfjsTopology(model: BuiltInModel): NamedTopology {
  switch (model.kind) {
    case 'softmax-regression':
    case 'mlp': {
      const widths = denseWidths(model);
      const names = widths.slice(1).map((_, index) => `dense${index + 1}`);
      const layers = names.map((name, index) =>
        dense({
          name,
          units: widths[index + 1]!,
          activation: index < names.length - 1 ? 'relu' : 'softmax',
          ...(index === 0 && { batch_input_shape: [null, model.inputSize] }),
        }),
      );
      return { topology: sequential(layers), weightNames: kernelsAndBiases(names) };
    }
    case 'mcmahan-cnn':
      return {
        topology: sequential([
          convolution({
            name: 'conv1',
            kernel_size: [5, 5],
            filters: 32,
            batch_input_shape: [null, model.height, model.width, model.channels],
          }),
          pooling('pool1'),
          convolution({ name: 'conv2', kernel_size: [5, 5], filters: 64 }),
          pooling('pool2'),
          { class_name: 'Flatten', config: { name: 'flatten', trainable: true } },
          dense({ name: 'dense1', units: 512, activation: 'relu' }),
          dense({ name: 'dense2', units: model.classes, activation: 'softmax' }),
        ]),
        weightNames: kernelsAndBiases(['conv1', 'conv2', 'dense1', 'dense2']),
      };
    case 'separable-cnn':
      return separableCnn(model);
    case 'char-gru':
      return {
        topology: sequential([
          gru({
            name: 'gru',
            units: model.units,
            batch_input_shape: [null, model.sequenceLength, model.vocabularySize],
          }),
          dense({ name: 'dense', units: model.vocabularySize, activation: 'softmax' }),
        ]),
        weightNames: ['gru/kernel', 'gru/recurrent_kernel', 'gru/bias', 'dense/kernel', 'dense/bias'],
      };
  }
}

function separableCnn(model: Extract<ModelSpec, { kind: 'separable-cnn' }>): NamedTopology {
  const blocks = model.blocks.map(({ filters, stride }, index) => ({
    names: {
      depthwise: `depthwise${index + 1}`,
      normalisation: `norm${index + 1}`,
      pointwise: `pointwise${index + 1}`,
    },
    filters,
    stride,
  }));
  return {
    topology: sequential([
      convolution({
        name: 'stem',
        kernel_size: [3, 3],
        filters: model.stemFilters,
        batch_input_shape: [null, model.height, model.width, model.channels],
      }),
      ...blocks.flatMap(({ names, filters, stride }) => [
        depthwise(names.depthwise, stride),
        normalisation(names.normalisation),
        convolution({ name: names.pointwise, kernel_size: [1, 1], filters }),
      ]),
      {
        class_name: 'GlobalAveragePooling2D',
        config: { name: 'average', trainable: true, data_format: 'channels_last' },
      },
      dense({ name: 'dense', units: model.classes, activation: 'softmax' }),
    ]),
    weightNames: [
      ...kernelsAndBiases(['stem']),
      ...blocks.flatMap(({ names }) => [
        `${names.depthwise}/depthwise_kernel`,
        `${names.depthwise}/bias`,
        `${names.normalisation}/gamma`,
        `${names.normalisation}/beta`,
        ...kernelsAndBiases([names.pointwise]),
      ]),
      ...kernelsAndBiases(['dense']),
    ],
  };
}

function sequential(layers: readonly unknown[]): Record<string, unknown> {
  return {
    class_name: 'Sequential',
    config: { name: 'tributary', layers },
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
}

const kernelsAndBiases = (layers: readonly string[]): string[] =>
  layers.flatMap((layer) => [`${layer}/kernel`, `${layer}/bias`]);

/** Weights are always loaded, so whoever reads this need not draw random ones first. */
const ZEROS = { class_name: 'Zeros', config: {} };
const UNINITIALISED = { use_bias: true, kernel_initializer: ZEROS, bias_initializer: ZEROS, trainable: true };

interface Named {
  readonly name: string;
  readonly batch_input_shape?: readonly (number | null)[];
}

function dense(config: Named & { units: number; activation: 'relu' | 'softmax' }) {
  return { class_name: 'Dense', config: { ...UNINITIALISED, ...config } };
}

function convolution(config: Named & { filters: number; kernel_size: readonly number[] }) {
  return {
    class_name: 'Conv2D',
    config: {
      ...UNINITIALISED,
      strides: [1, 1],
      padding: 'same',
      data_format: 'channels_last',
      dilation_rate: [1, 1],
      activation: 'relu',
      ...config,
    },
  };
}

function depthwise(name: string, stride: number) {
  return {
    class_name: 'DepthwiseConv2D',
    config: {
      name,
      kernel_size: [3, 3],
      strides: [stride, stride],
      padding: 'same',
      data_format: 'channels_last',
      dilation_rate: [1, 1],
      depth_multiplier: 1,
      activation: 'linear',
      use_bias: true,
      depthwise_initializer: ZEROS,
      bias_initializer: ZEROS,
      trainable: true,
    },
  };
}

function normalisation(name: string) {
  return {
    class_name: 'LayerNormalization',
    config: {
      name,
      axis: [-1],
      epsilon: 1e-5,
      center: true,
      scale: true,
      gamma_initializer: ZEROS,
      beta_initializer: ZEROS,
      trainable: true,
    },
  };
}

function pooling(name: string) {
  return {
    class_name: 'MaxPooling2D',
    config: {
      name,
      trainable: true,
      pool_size: [2, 2],
      strides: [2, 2],
      padding: 'valid',
      data_format: 'channels_last',
    },
  };
}

function gru(config: Named & { units: number }) {
  return {
    class_name: 'GRU',
    config: {
      ...UNINITIALISED,
      recurrent_initializer: ZEROS,
      activation: 'tanh',
      recurrent_activation: 'sigmoid',
      return_sequences: true,
      // As tfjs computes it: the reset gate comes before the recurrent product.
      reset_after: false,
      ...config,
    },
  };
}
