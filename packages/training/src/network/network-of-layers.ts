/** Uploaded layers as a network, where each is of a kind that a network knows: a plain sequence, channels last, squares. */
import { type ModelSpec, parameterCount } from '@tributary/fl-core';
import { readLogitsTopology } from '../tfjs/topology.ts';
import type { Activation, Network, Operation, ParameterReference, Value } from './network.ts';
import { windowOf } from './window.ts';

type LayersSpec = Extract<ModelSpec, { kind: 'layers' }>;
type Config = Readonly<Record<string, unknown>>;
type Shape = readonly number[];

/** Null where some layer is of another kind, or says something that a network cannot. */
export function networkOfLayers(model: LayersSpec): Network | null {
  const layers = sequenceOf(model.topology);
  const builder = createBuilder(model.inputShape);
  if (layers === null || builder === null) return null;
  if (!layers.every(({ kind, config }) => builder.append(kind, config))) return null;
  return builder.finish(model);
}

interface Layer {
  readonly kind: string;
  readonly config: Config;
}

function sequenceOf(topology: Record<string, unknown>): readonly Layer[] | null {
  try {
    const { class_name, className, config } = readLogitsTopology(topology);
    if ((class_name ?? className) !== 'Sequential') return null;
    const described = (Array.isArray(config) ? config : (config as Config).layers) as Config[];
    return described.map((layer) => ({
      kind: String(layer.class_name ?? layer.className),
      config: layer.config as Config,
    }));
  } catch {
    return null;
  }
}

function createBuilder(inputShape: Shape) {
  if (inputShape.length !== 1 && inputShape.length !== 3) return null;
  /** Of one example: [width], or [height, width, channels]. */
  let shape = inputShape;
  let offset = 0;
  const values: Value[] = [valueOfShape(shape)];
  const operations: Operation[] = [];
  const take = (size: number): ParameterReference => {
    const reference: ParameterReference = { store: 'trained', offset };
    offset += size;
    return reference;
  };
  const push = (next: Shape, operation: (ends: { input: number; output: number }) => Operation): true => {
    operations.push(operation({ input: values.length - 1, output: values.length }));
    values.push(valueOfShape(next));
    shape = next;
    return true;
  };
  const isImage = (): boolean => shape.length === 3;

  const dense = (config: Config): boolean => {
    const [width] = shape;
    const activation = activationOf(config);
    const units = config.units;
    if (isImage() || activation === null || typeof units !== 'number') return false;
    const kernel = take(width * units);
    const bias = hasBias(config) ? take(units) : null;
    return push([units], (ends) => ({ kind: 'dense', ...ends, kernel, bias, activation }));
  };
  const convolution = (config: Config): boolean => {
    const window = squareWindow(config, shape, 'kernel_size');
    const activation = activationOf(config);
    const filters = config.filters;
    if (window === null || activation === null || !hasBias(config) || typeof filters !== 'number')
      return false;
    const kernel = take(window.kernelHeight * window.kernelWidth * shape[2] * filters);
    const bias = take(filters);
    return push([window.outputHeight, window.outputWidth, filters], (ends) => ({
      kind: 'convolution',
      ...ends,
      window,
      kernel,
      bias,
      activation,
    }));
  };
  const depthwise = (config: Config): boolean => {
    const window = squareWindow(config, shape, 'kernel_size');
    const isPlain = activationOf(config) === 'linear' && (option(config, 'depth_multiplier') ?? 1) === 1;
    if (window === null || !isPlain || !hasBias(config)) return false;
    const kernel = take(window.kernelHeight * window.kernelWidth * shape[2]);
    const bias = take(shape[2]);
    return push([window.outputHeight, window.outputWidth, shape[2]], (ends) => ({
      kind: 'depthwise-convolution',
      ...ends,
      window,
      kernel,
      bias,
    }));
  };
  const maxPooling = (config: Config): boolean => {
    const window = squareWindow(config, shape, 'pool_size');
    if (window === null) return false;
    return push([window.outputHeight, window.outputWidth, shape[2]], (ends) => ({
      kind: 'max-pooling',
      ...ends,
      window,
    }));
  };
  const normalisation = (config: Config): boolean => {
    const axes = [config.axis ?? -1].flat();
    const isLast = axes.length === 1 && (axes[0] === -1 || axes[0] === shape.length);
    if (!isLast || config.center === false || config.scale === false) return false;
    const width = shape.at(-1)!;
    const scale = take(width);
    const shift = take(width);
    const epsilon = typeof config.epsilon === 'number' ? config.epsilon : 1e-3;
    return push(shape, (ends) => ({ kind: 'layer-normalisation', ...ends, scale, shift, epsilon }));
  };
  const activate = (activation: Activation | null): boolean => {
    if (activation === 'linear') return true;
    const last = operations.at(-1);
    const isOpen = (last?.kind === 'dense' || last?.kind === 'convolution') && last.activation === 'linear';
    if (activation !== 'relu' || !isOpen) return false;
    operations[operations.length - 1] = { ...last, activation };
    return true;
  };

  return {
    append(kind: string, config: Config): boolean {
      switch (kind) {
        case 'InputLayer':
        case 'Dropout':
          return true;
        case 'Dense':
          return dense(config);
        case 'Conv2D':
          return convolution(config);
        case 'DepthwiseConv2D':
          return depthwise(config);
        case 'MaxPooling2D':
          return maxPooling(config);
        case 'LayerNormalization':
          return normalisation(config);
        case 'GlobalAveragePooling2D':
          return isImage() && push([shape[2]], (ends) => ({ kind: 'average-pooling', ...ends }));
        case 'Flatten':
          return push([shape.reduce((size, side) => size * side, 1)], (ends) => ({
            kind: 'reshape',
            ...ends,
          }));
        case 'Activation':
          return activate(activationOf(config));
        case 'ReLU':
          return (option(config, 'max_value') ?? null) === null && activate('relu');
        default:
          return false;
      }
    },
    finish({ classes, parameterShapes }: LayersSpec): Network | null {
      const isWhole =
        offset === parameterCount(parameterShapes) && shape.length === 1 && shape[0] === classes;
      if (!isWhole) return null;
      return { values, operations, input: 0, logits: values.length - 1, trainedSize: offset, frozenSize: 0 };
    },
  };
}

function valueOfShape(shape: Shape): Value {
  return shape.length === 1 ? { rows: 1, width: shape[0] } : { rows: shape[0] * shape[1], width: shape[2] };
}

/** Keras writes `kernel_size`, tfjs in memory `kernelSize`. */
function option(config: Config, name: string): unknown {
  return config[name] ?? config[name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())];
}

const hasBias = (config: Config): boolean => option(config, 'use_bias') !== false;

function activationOf({ activation }: Config): 'linear' | 'relu' | null {
  const named = activation ?? 'linear';
  return named === 'linear' || named === 'relu' ? named : null;
}

function squareWindow(config: Config, shape: Shape, sizeName: 'kernel_size' | 'pool_size') {
  const side = (value: unknown): number | null => {
    const sides = [value].flat();
    return sides.every((one) => one === sides[0]) && typeof sides[0] === 'number' ? sides[0] : null;
  };
  const kernel = side(option(config, sizeName) ?? 2);
  const stride = side(config.strides ?? (sizeName === 'pool_size' ? kernel : 1));
  const dilation = side(option(config, 'dilation_rate') ?? 1);
  const format = option(config, 'data_format') ?? 'channels_last';
  const padding = config.padding ?? 'valid';
  if (shape.length !== 3 || kernel === null || stride === null || dilation !== 1) return null;
  if (
    (format !== 'channels_last' && format !== 'channelsLast') ||
    (padding !== 'same' && padding !== 'valid')
  )
    return null;
  return windowOf({ height: shape[0], width: shape[1], kernel, stride, padding });
}
