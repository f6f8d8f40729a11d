/** A network around each kind of operation, with the sizes at which kernels go wrong: odd, narrow, strided, padded. */
import { type ExampleSet, integerBelow, seededRandom, standardNormal } from '@tributary/fl-core';
import type { Network, Operation, ParameterReference, Value } from '../src/network/network.ts';
import { type WindowSizes, windowOf } from '../src/network/window.ts';

const CLASSES = 3;

export const SMALL_NETWORKS: Readonly<Record<string, Network>> = {
  'dense, one row': network({ rows: 1, width: 7 }, ({ dense }) => dense(dense(0, 5, 'relu'), CLASSES)),
  'dense, rows, gelu': network({ rows: 3, width: 5 }, ({ dense }) => dense(dense(0, 9, 'gelu'), CLASSES)),
  'dense without bias': network({ rows: 2, width: 4 }, ({ dense }) =>
    dense(dense(0, 6, 'linear', 'without bias'), CLASSES),
  ),
  'dense, frozen': network({ rows: 2, width: 4 }, ({ dense }) =>
    dense(dense(dense(0, 4), 6, 'gelu', 'frozen'), CLASSES),
  ),
  'convolution 5x5': network({ rows: 7 * 6, width: 2 }, ({ convolution, flatten, dense }) =>
    dense(flatten(convolution(0, 4, window(7, 6, 5, 1))), CLASSES),
  ),
  'convolution 3x3, twice': network({ rows: 5 * 6, width: 1 }, ({ convolution, flatten, dense }) => {
    const first = convolution(0, 5, window(5, 6, 3, 1));
    return dense(flatten(convolution(first, 3, window(5, 6, 3, 1))), CLASSES);
  }),
  'convolution, stride 2': network({ rows: 6 * 7, width: 3 }, ({ dense, convolution, flatten }) =>
    dense(flatten(convolution(dense(0, 4), 5, window(6, 7, 3, 2))), CLASSES),
  ),
  'convolution, valid': network({ rows: 6 * 5, width: 2 }, ({ dense, convolution, flatten }) =>
    dense(flatten(convolution(dense(0, 3), 4, window(6, 5, 3, 1, 'valid'))), CLASSES),
  ),
  'depthwise convolution': network({ rows: 5 * 6, width: 3 }, ({ dense, depthwise, flatten }) =>
    dense(flatten(depthwise(dense(0, 9), window(5, 6, 3, 1))), CLASSES),
  ),
  'depthwise convolution, stride 2': network({ rows: 6 * 7, width: 3 }, ({ dense, depthwise, flatten }) =>
    dense(flatten(depthwise(dense(0, 5), window(6, 7, 3, 2))), CLASSES),
  ),
  'depthwise convolution 5x4, one channel': network(
    { rows: 7 * 9, width: 1 },
    ({ depthwise, flatten, dense }) =>
      dense(flatten(depthwise(0, { ...window(7, 9, 5, 2), kernelWidth: 4 })), CLASSES),
  ),
  'depthwise convolution, valid, beside its input': network({ rows: 30, width: 2 }, (build) => {
    const read = build.dense(0, 6);
    const whole = build.depthwise(read, window(5, 6, 3, 1));
    const added = build.sum(build.depthwise(whole, window(5, 6, 3, 1)), whole, 0.5);
    return build.dense(build.flatten(build.depthwise(added, window(5, 6, 3, 2, 'valid'))), CLASSES);
  }),
  'max pooling': network({ rows: 7 * 6, width: 2 }, ({ dense, maxPooling, flatten }) =>
    dense(flatten(maxPooling(dense(0, 6), window(7, 6, 2, 2, 'valid'))), CLASSES),
  ),
  'average pooling': network({ rows: 11, width: 2 }, ({ dense, averagePooling }) =>
    dense(averagePooling(dense(0, 7, 'relu')), CLASSES),
  ),
  'average pooling beside its input': network(
    { rows: 6, width: 2 },
    ({ dense, averagePooling, flatten, sum }) => {
      const read = dense(0, 5, 'relu');
      return sum(dense(averagePooling(read), CLASSES), dense(flatten(read), CLASSES), 1);
    },
  ),
  embedding: network({ rows: 6, width: 1 }, ({ embedding, dense }) =>
    dense(embedding(0, 5, 'without positions'), CLASSES),
  ),
  'embedding with positions': network({ rows: 6, width: 1 }, ({ embedding, dense }) =>
    dense(embedding(0, 9, 'with positions'), CLASSES),
  ),
  'layer normalisation': network({ rows: 4, width: 3 }, ({ dense, normalise }) =>
    dense(normalise(dense(0, 10)), CLASSES),
  ),
  'layer normalisation beside its input, many rows': network(
    { rows: 19, width: 3 },
    ({ dense, normalise, sum }) => {
      const read = dense(0, 5);
      return dense(sum(normalise(read), normalise(sum(read, normalise(read), 1)), 2), CLASSES);
    },
  ),
  'layer normalisation, wide': network({ rows: 3, width: 3 }, ({ dense, normalise }) =>
    dense(normalise(dense(0, 39)), CLASSES),
  ),
  'layer normalisation of two columns': network({ rows: 2, width: 3 }, ({ dense, normalise }) =>
    dense(normalise(dense(0, 2)), CLASSES),
  ),
  'causal attention': network({ rows: 5, width: 4 }, ({ dense, attention }) =>
    dense(attention(dense(0, 18), 2), CLASSES),
  ),
  'causal attention, one row': network({ rows: 1, width: 4 }, ({ dense, attention }) =>
    dense(attention(dense(0, 21), 1), CLASSES),
  ),
  'causal attention, odd heads, beside its input': network({ rows: 10, width: 4 }, (build) => {
    const read = build.dense(0, 45);
    const deep = build.attention(build.sum(read, build.dense(build.attention(read, 3), 45), 1), 5);
    return build.dense(deep, CLASSES);
  }),
  'gated recurrence, one step of one unit': network({ rows: 1, width: 2 }, ({ dense, recurrence }) =>
    dense(recurrence(dense(0, 3)), CLASSES),
  ),
  'gated recurrence beside its input': network({ rows: 7, width: 2 }, ({ dense, recurrence, sum }) => {
    const read = dense(0, 18);
    const again = recurrence(sum(read, dense(recurrence(read), 18), 1));
    return dense(again, CLASSES);
  }),
  'gated recurrence': network({ rows: 5, width: 4 }, ({ dense, recurrence }) =>
    dense(recurrence(dense(0, 15)), CLASSES),
  ),
  'sum, scaled': network({ rows: 2, width: 5 }, ({ dense, sum }) => {
    const read = dense(0, 6);
    return dense(sum(read, dense(read, 6, 'gelu'), 0.5), CLASSES);
  }),
  'sum of a value with itself': network({ rows: 2, width: 5 }, ({ dense, sum }) => {
    const read = dense(0, 6, 'relu');
    return dense(sum(read, read, -0.25), CLASSES);
  }),
  'reshape, adding to a gradient': network({ rows: 4, width: 3 }, ({ dense, reshape, sum }) => {
    const read = dense(0, 6);
    const folded = reshape(read, { rows: 2, width: 12 });
    const restored = reshape(dense(folded, 12), { rows: 4, width: 6 });
    return dense(sum(restored, read, 1), CLASSES);
  }),
};

/** Whole floats below 3, which serve as characters too. */
export function networkExamples({ values, input, logits }: Network, count: number): ExampleSet {
  const random = seededRandom('network examples');
  const { rows, width } = values[input]!;
  const labelsPerExample = values[logits]!.rows;
  const draw = (): number => integerBelow(random, CLASSES);
  return {
    count,
    inputShape: [rows, width],
    inputs: Float32Array.from({ length: count * rows * width }, draw),
    labelsPerExample,
    labels: Int32Array.from({ length: count * labelsPerExample }, draw),
  };
}

/** Values of the order of one, none of them special. */
export function randomParameters(size: number, seed: string): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: size }, () => 0.5 * standardNormal(random) + 0.1);
}

function window(
  height: number,
  width: number,
  kernel: number,
  stride: number,
  padding: WindowSizes['padding'] = 'same',
) {
  return windowOf({ height, width, kernel, stride, padding });
}

type Build = ReturnType<typeof createBuilder>;

function network(input: Value, build: (builder: Build) => number): Network {
  const builder = createBuilder(input);
  const logits = build(builder);
  return { ...builder.parts(), input: 0, logits };
}

function createBuilder(input: Value) {
  const values: Value[] = [input];
  const operations: Operation[] = [];
  const sizes = { trained: 0, frozen: 0 };
  const parameter = (size: number, store: 'trained' | 'frozen' = 'trained'): ParameterReference => {
    const offset = sizes[store];
    sizes[store] += size;
    return { store, offset };
  };
  const append = (value: Value, operation: Operation): number => {
    values.push(value);
    operations.push(operation);
    return operation.output;
  };
  const next = () => values.length;
  const reshape = (from: number, value: Value): number =>
    append(value, { kind: 'reshape', input: from, output: next() });
  return {
    parts: () => ({ values, operations, trainedSize: sizes.trained, frozenSize: sizes.frozen }),
    reshape,
    flatten: (from: number) => reshape(from, { rows: 1, width: values[from]!.rows * values[from]!.width }),
    dense(
      from: number,
      width: number,
      activation: 'linear' | 'relu' | 'gelu' = 'linear',
      how: 'plain' | 'frozen' | 'without bias' = 'plain',
    ): number {
      const store = how === 'frozen' ? 'frozen' : 'trained';
      const kernel = parameter(values[from]!.width * width, store);
      const bias = how === 'without bias' ? null : parameter(width, store);
      return append(
        { rows: values[from]!.rows, width },
        { kind: 'dense', input: from, output: next(), kernel, bias, activation },
      );
    },
    convolution(from: number, filters: number, at: ReturnType<typeof windowOf>): number {
      const kernel = parameter(at.kernelHeight * at.kernelWidth * values[from]!.width * filters);
      const bias = parameter(filters);
      return append(
        { rows: at.outputHeight * at.outputWidth, width: filters },
        { kind: 'convolution', input: from, output: next(), window: at, kernel, bias, activation: 'relu' },
      );
    },
    depthwise(from: number, at: ReturnType<typeof windowOf>): number {
      const { width } = values[from]!;
      const kernel = parameter(at.kernelHeight * at.kernelWidth * width);
      const bias = parameter(width);
      return append(
        { rows: at.outputHeight * at.outputWidth, width },
        { kind: 'depthwise-convolution', input: from, output: next(), window: at, kernel, bias },
      );
    },
    maxPooling: (from: number, at: ReturnType<typeof windowOf>) =>
      append(
        { rows: at.outputHeight * at.outputWidth, width: values[from]!.width },
        { kind: 'max-pooling', input: from, output: next(), window: at },
      ),
    averagePooling: (from: number) =>
      append(
        { rows: 1, width: values[from]!.width },
        { kind: 'average-pooling', input: from, output: next() },
      ),
    embedding(from: number, width: number, how: 'with positions' | 'without positions'): number {
      const { rows } = values[from]!;
      const table = parameter(CLASSES * width);
      const positions = how === 'with positions' ? parameter(rows * width) : null;
      return append(
        { rows, width },
        { kind: 'embedding', input: from, output: next(), table, vocabularySize: CLASSES, positions },
      );
    },
    normalise(from: number): number {
      const { width } = values[from]!;
      const [scale, shift] = [parameter(width), parameter(width)];
      return append(
        { ...values[from]! },
        { kind: 'layer-normalisation', input: from, output: next(), scale, shift, epsilon: 1e-5 },
      );
    },
    attention: (from: number, heads: number) =>
      append(
        { rows: values[from]!.rows, width: values[from]!.width / 3 },
        { kind: 'causal-attention', input: from, output: next(), heads },
      ),
    recurrence(from: number): number {
      const units = values[from]!.width / 3;
      const [recurrent, bias] = [parameter(units * 3 * units), parameter(3 * units)];
      return append(
        { rows: values[from]!.rows, width: units },
        { kind: 'gated-recurrence', input: from, output: next(), recurrent, bias },
      );
    },
    sum: (from: number, other: number, scale: number) =>
      append({ ...values[from]! }, { kind: 'sum', input: from, other, output: next(), scale }),
  };
}
