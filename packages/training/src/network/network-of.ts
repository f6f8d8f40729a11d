/** The networks of the built-in models. */
import {
  type BuiltInModelSpec,
  denseWidths,
  frozenTensors,
  modelInputShape,
  type ParameterTensor,
  parameterCount,
  parameterTensors,
  tensorSize,
} from '@tributary/fl-core';
import type { Activation, Network, Operation, ParameterReference, Value, ValueId } from './network.ts';
import { windowOf } from './window.ts';

type SpecOf<Kind extends BuiltInModelSpec['kind']> = Extract<BuiltInModelSpec, { kind: Kind }>;

const NORMALISATION_EPSILON = 1e-5;

export function networkOf(model: BuiltInModelSpec): Network {
  const builder = createBuilder(model);
  switch (model.kind) {
    case 'softmax-regression':
    case 'mlp':
      return builder.finish(denseStack(builder, model));
    case 'mcmahan-cnn':
      return builder.finish(mcmahanCnn(builder, model));
    case 'separable-cnn':
      return builder.finish(separableCnn(builder, model));
    case 'char-gru':
      return builder.finish(charGru(builder, model));
    case 'char-transformer':
      return builder.finish(charTransformer(builder, model));
  }
}

function denseStack(builder: Builder, model: SpecOf<'softmax-regression' | 'mlp'>): ValueId {
  const widths = denseWidths(model).slice(1);
  return widths.reduce(
    (input, _, index) =>
      builder.dense(input, `layer${index + 1}`, index < widths.length - 1 ? 'relu' : 'linear'),
    builder.input,
  );
}

function mcmahanCnn(builder: Builder, { height, width }: SpecOf<'mcmahan-cnn'>): ValueId {
  const half = { height: Math.floor(height / 2), width: Math.floor(width / 2) };
  const first = builder.convolution(builder.input, 'layer1', { height, width, kernel: 5, stride: 1 });
  const pooled = builder.maxPooling(first, { height, width });
  const second = builder.convolution(pooled, 'layer2', { ...half, kernel: 5, stride: 1 });
  const flat = builder.flatten(builder.maxPooling(second, half));
  return builder.dense(builder.dense(flat, 'layer3', 'relu'), 'layer4', 'linear');
}

function separableCnn(builder: Builder, model: SpecOf<'separable-cnn'>): ValueId {
  let size = { height: model.height, width: model.width };
  let value = builder.convolution(builder.input, 'stem', { ...size, kernel: 3, stride: 1 });
  model.blocks.forEach(({ stride }, index) => {
    const name = `block${index + 1}`;
    value = builder.depthwise(value, `${name}.depthwise`, { ...size, kernel: 3, stride });
    size = { height: Math.ceil(size.height / stride), width: Math.ceil(size.width / stride) };
    value = builder.dense(builder.normalise(value, `${name}.norm`), `${name}.pointwise`, 'relu');
  });
  return builder.dense(builder.averagePooling(value), 'dense', 'linear');
}

function charGru(builder: Builder, { vocabularySize }: SpecOf<'char-gru'>): ValueId {
  // A one-hot row times the kernel is a row of the kernel.
  const projected = builder.embedding(builder.input, { table: 'gru.kernel', vocabularySize });
  return builder.dense(builder.gatedRecurrence(projected, 'gru'), 'dense', 'linear');
}

function charTransformer(builder: Builder, model: SpecOf<'char-transformer'>): ValueId {
  const { vocabularySize, heads, blocks, adaptation } = model;
  const scale = adaptation?.scale;
  let value = builder.embedding(builder.input, {
    table: 'characters',
    positions: 'positions',
    vocabularySize,
  });
  for (let block = 1; block <= blocks; block += 1) {
    const name = `block${block}`;
    const read = builder.normalise(value, `${name}.norm1`);
    const attended = builder.attention(builder.adapted(read, `${name}.attention`, scale), heads);
    value = builder.sum(value, builder.adapted(attended, `${name}.projection`, scale));
    const expanded = builder.dense(builder.normalise(value, `${name}.norm2`), `${name}.expand`, 'gelu');
    value = builder.sum(value, builder.dense(expanded, `${name}.contract`, 'linear'));
  }
  return builder.dense(builder.normalise(value, 'norm'), 'dense', 'linear');
}

type Builder = ReturnType<typeof createBuilder>;

interface Image {
  readonly height: number;
  readonly width: number;
}
interface Kernel extends Image {
  readonly kernel: number;
  readonly stride: 1 | 2;
}

/** Appends operations; parameters are found by the names that fl-core gives them. */
function createBuilder(model: BuiltInModelSpec) {
  const trained = placesOf(parameterTensors(model));
  const frozen = placesOf(frozenTensors(model) ?? []);
  const operations: Operation[] = [];
  const values: Value[] = [inputValue(model)];
  const input = 0;

  const find = (name: string): { reference: ParameterReference; width: number } => {
    const own = trained.get(name);
    const place = own ?? frozen.get(name);
    if (!place) throw new Error(`the model has no tensor named ${name}`);
    const reference = { store: own ? 'trained' : 'frozen', offset: place.offset } as const;
    return { reference, width: place.tensor.shape.at(-1)! };
  };
  const parameter = (name: string): ParameterReference => find(name).reference;
  const append = (output: Value, operation: (output: ValueId) => Operation): ValueId => {
    values.push(output);
    operations.push(operation(values.length - 1));
    return values.length - 1;
  };
  const dense = (from: ValueId, kernelName: string, bias: string | null, activation: Activation): ValueId => {
    const kernel = find(kernelName);
    return append({ rows: values[from].rows, width: kernel.width }, (output) => ({
      kind: 'dense',
      input: from,
      output,
      kernel: kernel.reference,
      bias: bias === null ? null : parameter(bias),
      activation,
    }));
  };

  return {
    input,
    dense: (from: ValueId, layer: string, activation: Activation) =>
      dense(from, `${layer}.kernel`, `${layer}.bias`, activation),

    /** A frozen projection with an adapter beside it; without a scale, a plain projection. */
    adapted(from: ValueId, layer: string, scale: number | undefined): ValueId {
      const projected = this.dense(from, layer, 'linear');
      if (scale === undefined) return projected;
      const down = dense(from, `${layer}.down`, null, 'linear');
      return this.sum(projected, dense(down, `${layer}.up`, null, 'linear'), scale);
    },

    convolution(from: ValueId, layer: string, { height, width, kernel, stride }: Kernel): ValueId {
      const window = windowOf({ height, width, kernel, stride, padding: 'same' });
      const { reference, width: filters } = find(`${layer}.kernel`);
      return append({ rows: window.outputHeight * window.outputWidth, width: filters }, (output) => ({
        kind: 'convolution',
        input: from,
        output,
        window,
        kernel: reference,
        bias: parameter(`${layer}.bias`),
        activation: 'relu',
      }));
    },

    depthwise(from: ValueId, layer: string, { height, width, kernel, stride }: Kernel): ValueId {
      const window = windowOf({ height, width, kernel, stride, padding: 'same' });
      const rows = window.outputHeight * window.outputWidth;
      return append({ rows, width: values[from].width }, (output) => ({
        kind: 'depthwise-convolution',
        input: from,
        output,
        window,
        kernel: parameter(`${layer}.kernel`),
        bias: parameter(`${layer}.bias`),
      }));
    },

    maxPooling(from: ValueId, { height, width }: Image): ValueId {
      const window = windowOf({ height, width, kernel: 2, stride: 2, padding: 'valid' });
      const rows = window.outputHeight * window.outputWidth;
      return append({ rows, width: values[from].width }, (output) => ({
        kind: 'max-pooling',
        input: from,
        output,
        window,
      }));
    },

    averagePooling: (from: ValueId) =>
      append({ rows: 1, width: values[from].width }, (output) => ({
        kind: 'average-pooling',
        input: from,
        output,
      })),

    flatten: (from: ValueId) =>
      append({ rows: 1, width: values[from].rows * values[from].width }, (output) => ({
        kind: 'reshape',
        input: from,
        output,
      })),

    embedding(
      from: ValueId,
      names: { readonly table: string; readonly positions?: string; readonly vocabularySize: number },
    ): ValueId {
      const { reference, width } = find(names.table);
      return append({ rows: values[from].rows, width }, (output) => ({
        kind: 'embedding',
        input: from,
        output,
        table: reference,
        vocabularySize: names.vocabularySize,
        positions: names.positions === undefined ? null : parameter(names.positions),
      }));
    },

    normalise: (from: ValueId, layer: string) =>
      append({ ...values[from] }, (output) => ({
        kind: 'layer-normalisation',
        input: from,
        output,
        scale: parameter(`${layer}.scale`),
        shift: parameter(`${layer}.shift`),
        epsilon: NORMALISATION_EPSILON,
      })),

    attention: (from: ValueId, heads: number) =>
      append({ rows: values[from].rows, width: values[from].width / 3 }, (output) => ({
        kind: 'causal-attention',
        input: from,
        output,
        heads,
      })),

    gatedRecurrence: (from: ValueId, layer: string) =>
      append({ rows: values[from].rows, width: values[from].width / 3 }, (output) => ({
        kind: 'gated-recurrence',
        input: from,
        output,
        recurrent: parameter(`${layer}.recurrent_kernel`),
        bias: parameter(`${layer}.bias`),
      })),

    sum: (from: ValueId, other: ValueId, scale = 1) =>
      append({ ...values[from] }, (output) => ({ kind: 'sum', input: from, output, other, scale })),

    finish: (logits: ValueId): Network => ({
      values,
      operations,
      input,
      logits,
      trainedSize: sizeOf(parameterTensors(model)),
      frozenSize: sizeOf(frozenTensors(model) ?? []),
    }),
  };
}

function inputValue(model: BuiltInModelSpec): Value {
  const shape = modelInputShape(model);
  switch (model.kind) {
    case 'softmax-regression':
    case 'mlp':
      return { rows: 1, width: model.inputSize };
    case 'mcmahan-cnn':
    case 'separable-cnn':
      return { rows: model.height * model.width, width: model.channels };
    case 'char-gru':
    case 'char-transformer':
      return { rows: shape[0], width: 1 };
  }
}

function placesOf(tensors: readonly ParameterTensor[]) {
  const places = new Map<string, { readonly offset: number; readonly tensor: ParameterTensor }>();
  let offset = 0;
  for (const tensor of tensors) {
    places.set(tensor.name, { offset, tensor });
    offset += tensorSize(tensor.shape);
  }
  return places;
}

const sizeOf = (tensors: readonly ParameterTensor[]): number =>
  parameterCount(tensors.map(({ shape }) => shape));
