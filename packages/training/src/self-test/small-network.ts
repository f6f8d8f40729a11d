/**
 * Networks of a few operations, as self-tests and tests of engines want them. Whatever they say is one of three classes,
 * and a text has an alphabet of three.
 */
import { type ExampleSet, integerBelow, seededRandom, standardNormal } from '@tributary/fl-core';
import type { Network, Operation, ParameterReference, Value, Window } from '../network/network.ts';

export const CLASSES = 3;

type Build = ReturnType<typeof createBuilder>;

/** `build` tells which value the logits are. */
export function smallNetwork(input: Value, build: (builder: Build) => number): Network {
  const builder = createBuilder(input);
  const logits = build(builder);
  return { ...builder.parts(), input: 0, logits };
}

/** Whole floats below 3, which serve as characters too. */
export function networkExamples({ values, input, logits }: Network, count: number): ExampleSet {
  const random = seededRandom('network examples');
  const { rows, width } = values[input];
  const labelsPerExample = values[logits].rows;
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
    flatten: (from: number) => reshape(from, { rows: 1, width: values[from].rows * values[from].width }),
    dense(
      from: number,
      width: number,
      activation: 'linear' | 'relu' | 'gelu' = 'linear',
      how: 'plain' | 'frozen' | 'without bias' = 'plain',
    ): number {
      const store = how === 'frozen' ? 'frozen' : 'trained';
      const kernel = parameter(values[from].width * width, store);
      const bias = how === 'without bias' ? null : parameter(width, store);
      return append(
        { rows: values[from].rows, width },
        { kind: 'dense', input: from, output: next(), kernel, bias, activation },
      );
    },
    convolution(from: number, filters: number, at: Window): number {
      const kernel = parameter(at.kernelHeight * at.kernelWidth * values[from].width * filters);
      const bias = parameter(filters);
      return append(
        { rows: at.outputHeight * at.outputWidth, width: filters },
        { kind: 'convolution', input: from, output: next(), window: at, kernel, bias, activation: 'relu' },
      );
    },
    depthwise(from: number, at: Window): number {
      const { width } = values[from];
      const kernel = parameter(at.kernelHeight * at.kernelWidth * width);
      const bias = parameter(width);
      return append(
        { rows: at.outputHeight * at.outputWidth, width },
        { kind: 'depthwise-convolution', input: from, output: next(), window: at, kernel, bias },
      );
    },
    maxPooling: (from: number, at: Window) =>
      append(
        { rows: at.outputHeight * at.outputWidth, width: values[from].width },
        { kind: 'max-pooling', input: from, output: next(), window: at },
      ),
    averagePooling: (from: number) =>
      append(
        { rows: 1, width: values[from].width },
        { kind: 'average-pooling', input: from, output: next() },
      ),
    embedding(from: number, width: number, how: 'with positions' | 'without positions'): number {
      const { rows } = values[from];
      const table = parameter(CLASSES * width);
      const positions = how === 'with positions' ? parameter(rows * width) : null;
      return append(
        { rows, width },
        { kind: 'embedding', input: from, output: next(), table, vocabularySize: CLASSES, positions },
      );
    },
    normalise(from: number): number {
      const { width } = values[from];
      const [scale, shift] = [parameter(width), parameter(width)];
      return append(
        { ...values[from] },
        { kind: 'layer-normalisation', input: from, output: next(), scale, shift, epsilon: 1e-5 },
      );
    },
    attention: (from: number, heads: number) =>
      append(
        { rows: values[from].rows, width: values[from].width / 3 },
        { kind: 'causal-attention', input: from, output: next(), heads },
      ),
    recurrence(from: number): number {
      const units = values[from].width / 3;
      const [recurrent, bias] = [parameter(units * 3 * units), parameter(3 * units)];
      return append(
        { rows: values[from].rows, width: units },
        { kind: 'gated-recurrence', input: from, output: next(), recurrent, bias },
      );
    },
    sum: (from: number, other: number, scale: number) =>
      append({ ...values[from] }, { kind: 'sum', input: from, other, output: next(), scale }),
  };
}
