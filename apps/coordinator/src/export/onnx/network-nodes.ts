/**
 * A network of our own engines as ONNX operators. Images lie channels last in a `Network` and channels first in ONNX's
 * convolutions, so each value remembers how it lies and is turned when somebody needs it otherwise.
 */
import type { TensorShape } from '@tributary/fl-core';
import type {
  Activation,
  Network,
  Operation,
  OperationOf,
  ParameterReference,
  ValueId,
  Window,
} from '@tributary/training/network';
import type { Edge, Graph } from './graph.ts';

/** A value in the graph, without its batch: `last` is [..., channels], `first` [channels, height, width]. */
interface Held extends Edge {
  readonly layout: 'first' | 'last';
}

/** The tensor behind a reference, as a constant of the graph with its axes in this order. */
export type Constant = (
  reference: ParameterReference,
  shape: TensorShape,
  order?: readonly number[],
) => string;

/** Appends the whole network. Its logits: [classes], or [positions, classes]. */
export function addNetwork(graph: Graph, network: Network, input: Edge, constant: Constant): Edge {
  const held = new Map<ValueId, Held>([[network.input, { ...input, layout: 'last' }]]);
  const images = new Map<ValueId, Held>();
  const width = (id: ValueId): number => network.values[id]!.width;

  const asLast = (id: ValueId): Held => {
    const value = held.get(id)!;
    if (value.layout === 'last') return value;
    const [channels, height, across] = value.shape as [number, number, number];
    const name = graph.add('Transpose', [value.name], { perm: [0, 2, 3, 1] });
    return { name, shape: [height, across, channels], layout: 'last' };
  };
  const asRows = (id: ValueId): Held => reshaped(asLast(id), rowsShape(network, id));
  const asFirst = (id: ValueId, { inputHeight, inputWidth }: Window): Held => {
    const value = held.get(id)!;
    const known = value.layout === 'first' ? value : images.get(id);
    if (known) return known;
    const image = reshaped(value, [inputHeight, inputWidth, width(id)]);
    const name = graph.add('Transpose', [image.name], { perm: [0, 3, 1, 2] });
    const turned: Held = { name, shape: [width(id), inputHeight, inputWidth], layout: 'first' };
    images.set(id, turned);
    return turned;
  };
  const reshaped = (value: Held, shape: TensorShape): Held => {
    if (String(value.shape) === String(shape)) return value;
    const name = graph.add('Reshape', [value.name, graph.integers([-1, ...shape])]);
    return { name, shape, layout: 'last' };
  };

  const append = (operation: Operation): Held => {
    const { output } = operation;
    switch (operation.kind) {
      case 'dense': {
        const from = asLast(operation.input);
        const kernel = constant(operation.kernel, [width(operation.input), width(output)]);
        const product = graph.add('MatMul', [from.name, kernel]);
        const sum =
          operation.bias === null
            ? product
            : graph.add('Add', [product, constant(operation.bias, [width(output)])]);
        const shape = [...from.shape.slice(0, -1), width(output)];
        return { name: activated(graph, sum, operation.activation), shape, layout: 'last' };
      }
      case 'convolution': {
        const { window } = operation;
        const sizes = [window.kernelHeight, window.kernelWidth, width(operation.input), width(output)];
        const name = graph.add(
          'Conv',
          [
            asFirst(operation.input, window).name,
            constant(operation.kernel, sizes, [3, 2, 0, 1]),
            constant(operation.bias, [width(output)]),
          ],
          windowAttributes(window),
        );
        return imageOf(window, width(output), activated(graph, name, operation.activation));
      }
      case 'depthwise-convolution': {
        const { window } = operation;
        const sizes = [window.kernelHeight, window.kernelWidth, width(output), 1];
        const name = graph.add(
          'Conv',
          [
            asFirst(operation.input, window).name,
            constant(operation.kernel, sizes, [2, 3, 0, 1]),
            constant(operation.bias, [width(output)]),
          ],
          { ...windowAttributes(window), group: width(output) },
        );
        return imageOf(window, width(output), name);
      }
      case 'max-pooling': {
        const { window } = operation;
        const from = asFirst(operation.input, window);
        return imageOf(window, width(output), graph.add('MaxPool', [from.name], windowAttributes(window)));
      }
      case 'average-pooling': {
        const from = held.get(operation.input)!;
        const places = from.layout === 'first' ? [2, 3] : from.shape.slice(1).map((_, axis) => axis + 1);
        const name = graph.add('ReduceMean', [from.name], { axes: places, keepdims: 0 });
        return { name, shape: [width(output)], layout: 'last' };
      }
      case 'reshape':
        return reshaped(asLast(operation.input), rowsShape(network, output));
      case 'embedding': {
        const { rows } = network.values[output]!;
        const table = constant(operation.table, [operation.vocabularySize, width(output)]);
        const found = graph.add('Gather', [table, held.get(operation.input)!.name]);
        const name =
          operation.positions === null
            ? found
            : graph.add('Add', [found, constant(operation.positions, [rows, width(output)])]);
        return { name, shape: [rows, width(output)], layout: 'last' };
      }
      case 'layer-normalisation': {
        const from = asLast(operation.input);
        const name = graph.add(
          'LayerNormalization',
          [from.name, constant(operation.scale, [width(output)]), constant(operation.shift, [width(output)])],
          { axis: -1, epsilon: { float: operation.epsilon } },
        );
        return { ...from, name };
      }
      case 'causal-attention':
        return {
          name: attention(graph, operation, asRows(operation.input).name, network.values[output]!),
          shape: rowsShape(network, output),
          layout: 'last',
        };
      case 'gated-recurrence': {
        const characters = held.get(network.input)!.name;
        const name = gatedRecurrence({ graph, network, operation, characters, constant });
        return { name, shape: rowsShape(network, output), layout: 'last' };
      }
      case 'sum': {
        const other = asRows(operation.other).name;
        const scaled =
          operation.scale === 1 ? other : graph.add('Mul', [other, graph.floats([], [operation.scale])]);
        const from = asRows(operation.input);
        return { ...from, name: graph.add('Add', [from.name, scaled]) };
      }
    }
  };

  for (const operation of network.operations) {
    if (!isFoldedIntoRecurrence(network, operation)) held.set(operation.output, append(operation));
  }
  return asRows(network.logits);
}

function rowsShape({ values }: Network, id: ValueId): TensorShape {
  const { rows, width } = values[id]!;
  return rows === 1 ? [width] : [rows, width];
}

function imageOf({ outputHeight, outputWidth }: Window, channels: number, name: string): Held {
  return { name, shape: [channels, outputHeight, outputWidth], layout: 'first' };
}

function windowAttributes(window: Window) {
  const { kernelHeight, kernelWidth, stride, paddingTop, paddingLeft } = window;
  const after = (input: number, output: number, kernel: number, before: number): number =>
    Math.max(0, (output - 1) * stride + kernel - input - before);
  return {
    kernel_shape: [kernelHeight, kernelWidth],
    strides: [stride, stride],
    pads: [
      paddingTop,
      paddingLeft,
      after(window.inputHeight, window.outputHeight, kernelHeight, paddingTop),
      after(window.inputWidth, window.outputWidth, kernelWidth, paddingLeft),
    ],
  };
}

function activated(graph: Graph, input: string, activation: Activation): string {
  switch (activation) {
    case 'linear':
      return input;
    case 'relu':
      return graph.add('Relu', [input]);
    case 'gelu': {
      // Operator set 20 has Gelu; until runtimes do, too, it is written out.
      const cube = graph.add('Mul', [graph.add('Mul', [input, input]), input]);
      const bent = graph.add('Add', [input, graph.add('Mul', [cube, graph.floats([], [0.044715])])]);
      const tanh = graph.add('Tanh', [graph.add('Mul', [bent, graph.floats([], [Math.sqrt(2 / Math.PI)])])]);
      const half = graph.add('Mul', [input, graph.floats([], [0.5])]);
      return graph.add('Mul', [half, graph.add('Add', [tanh, graph.floats([], [1])])]);
    }
  }
}

function attention(
  graph: Graph,
  { heads }: OperationOf<'causal-attention'>,
  input: string,
  { rows, width }: { readonly rows: number; readonly width: number },
): string {
  const headWidth = width / heads;
  // [batch, rows, 3 x width] -> [3, batch, heads, rows, head width]
  const split = graph.add('Reshape', [input, graph.integers([-1, rows, 3, heads, headWidth])]);
  const parts = graph.add('Transpose', [split], { perm: [2, 0, 3, 1, 4] });
  const [queries, keys, values] = [0, 1, 2].map((part) =>
    graph.add('Gather', [parts, graph.integer(part)], { axis: 0 }),
  ) as [string, string, string];
  const turned = graph.add('Transpose', [keys], { perm: [0, 1, 3, 2] });
  const products = graph.add('MatMul', [queries, turned]);
  const scores = graph.add('Mul', [products, graph.floats([], [1 / Math.sqrt(headWidth)])]);
  const weights = graph.add('Softmax', [graph.add('Add', [scores, causalMask(graph, rows)])], { axis: -1 });
  const seen = graph.add('Transpose', [graph.add('MatMul', [weights, values])], { perm: [0, 2, 1, 3] });
  return graph.add('Reshape', [seen, graph.integers([-1, rows, width])]);
}

/** Added to scores: a place sees itself and what came before it. */
function causalMask(graph: Graph, rows: number): string {
  const everywhere = graph.add('Expand', [graph.floats([], [-1e9]), graph.integers([rows, rows])]);
  return graph.add('Trilu', [everywhere, graph.integer(1)], { upper: 1 });
}

/** ONNX's GRU multiplies by the kernel itself, so it takes the characters and the table of the embedding before it. */
function gatedRecurrence(parts: {
  readonly graph: Graph;
  readonly network: Network;
  readonly operation: OperationOf<'gated-recurrence'>;
  readonly characters: string;
  readonly constant: Constant;
}): string {
  const { graph, network, operation, characters, constant } = parts;
  const table = network.operations.find(({ output }) => output === operation.input);
  if (table?.kind !== 'embedding' || table.positions !== null)
    throw new Error('a recurrence reads characters through a table');
  const { rows, width: units } = network.values[operation.output]!;
  const steps = graph.add('Transpose', [characters], { perm: [1, 0] });
  const oneHot = graph.add(
    'OneHot',
    [steps, graph.integer(table.vocabularySize), graph.floats([2], [0, 1])],
    { axis: -1 },
  );
  const kernel = constant(table.table, [table.vocabularySize, 3 * units], [1, 0]);
  const recurrent = constant(operation.recurrent, [units, 3 * units], [1, 0]);
  const bias = constant(operation.bias, [3 * units]);
  const first = graph.integers([0]);
  const withDirection = (name: string): string => graph.add('Unsqueeze', [name, first]);
  // The second half belongs to the recurrent product, and is zero here.
  const noBias = graph.add('Sub', [bias, bias]);
  const states = graph.add(
    'GRU',
    [
      oneHot,
      withDirection(kernel),
      withDirection(recurrent),
      withDirection(graph.add('Concat', [bias, noBias], { axis: 0 })),
    ],
    { hidden_size: units, linear_before_reset: 0 },
  );
  // [rows, directions, batch, units]
  const ordered = graph.add('Transpose', [states], { perm: [2, 0, 1, 3] });
  return graph.add('Reshape', [ordered, graph.integers([-1, rows, units])]);
}

function isFoldedIntoRecurrence({ operations }: Network, { kind, output }: Operation): boolean {
  return (
    kind === 'embedding' &&
    operations.some((other) => other.kind === 'gated-recurrence' && other.input === output)
  );
}
