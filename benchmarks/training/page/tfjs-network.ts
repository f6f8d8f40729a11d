/** The operations of a network in tfjs: the same mathematics as our engines, by an independent hand. */
import * as tf from '@tensorflow/tfjs-core';
import { type BuiltInModelSpec, initialParameters, parameterTensors, tensorSize } from '@tributary/fl-core';
import {
  type Network,
  networkOf,
  type Operation,
  type ParameterReference,
  type Window,
} from '@tributary/training/network';

export interface TfjsNetwork {
  readonly variables: readonly tf.Variable[];
  /** One row per label. */
  logits(inputs: Float32Array, count: number): tf.Tensor2D;
}

export function tfjsNetwork(spec: BuiltInModelSpec): TfjsNetwork {
  const network = networkOf(spec);
  const variables = new Map<number, tf.Variable>();
  const { values } = initialParameters(spec, 'benchmark');
  let offset = 0;
  for (const { shape } of parameterTensors(spec)) {
    const size = tensorSize(shape);
    variables.set(offset, tf.variable(tf.tensor(values.slice(offset, offset + size), [...shape])));
    offset += size;
  }
  const parameter = (reference: ParameterReference): tf.Variable => variables.get(reference.offset)!;
  return {
    variables: [...variables.values()],
    logits(inputs, count) {
      const { rows, width } = network.values[network.input]!;
      const computed = new Map([[network.input, tf.tensor(inputs, [count * rows, width]) as tf.Tensor2D]]);
      for (const operation of network.operations) {
        const input = computed.get(operation.input)!;
        const other = operation.kind === 'sum' ? computed.get(operation.other)! : input;
        computed.set(operation.output, apply(operation, { network, count, input, other, parameter }));
      }
      return computed.get(network.logits)!;
    },
  };
}

interface Place {
  readonly network: Network;
  readonly count: number;
  /** Matrices of count x rows rows. */
  readonly input: tf.Tensor2D;
  readonly other: tf.Tensor2D;
  parameter(reference: ParameterReference): tf.Variable;
}

function apply(operation: Operation, place: Place): tf.Tensor2D {
  const { network, count, input, other, parameter } = place;
  const { rows, width } = network.values[operation.output]!;
  const matrix = (tensor: tf.Tensor): tf.Tensor2D => tf.reshape(tensor, [count * rows, width]);
  const image = ({ inputHeight, inputWidth }: Window): tf.Tensor4D =>
    tf.reshape(input, [count, inputHeight, inputWidth, -1]);
  switch (operation.kind) {
    case 'dense': {
      // That of a pointwise convolution has two more dimensions of 1.
      const kernel = tf.reshape(parameter(operation.kernel), [input.shape[1], width]) as tf.Tensor2D;
      const bias = operation.bias === null ? undefined : parameter(operation.bias);
      const isGelu = operation.activation === 'gelu';
      const activation = operation.activation === 'relu' ? 'relu' : 'linear';
      const product = matrix(tf.fused.matMul({ a: input, b: kernel, ...(bias && { bias }), activation }));
      return isGelu ? gelu(product) : product;
    }
    case 'convolution':
      return matrix(
        tf.fused.conv2d({
          x: image(operation.window),
          filter: parameter(operation.kernel) as unknown as tf.Tensor4D,
          bias: parameter(operation.bias),
          strides: operation.window.stride,
          pad: 'same',
          activation: operation.activation,
        }),
      );
    case 'depthwise-convolution':
      return matrix(
        tf.add(
          tf.depthwiseConv2d(
            image(operation.window),
            parameter(operation.kernel) as unknown as tf.Tensor4D,
            operation.window.stride,
            'same',
          ),
          parameter(operation.bias),
        ),
      );
    case 'max-pooling': {
      const { kernelHeight, kernelWidth, stride } = operation.window;
      return matrix(tf.maxPool(image(operation.window), [kernelHeight, kernelWidth], stride, 'valid'));
    }
    case 'average-pooling':
      return matrix(tf.mean(tf.reshape(input, [count, -1, width]), 1));
    case 'reshape':
      return matrix(input);
    case 'embedding': {
      const codes = tf.cast(tf.reshape(input, [-1]), 'int32') as tf.Tensor1D;
      // A product with one-hot rows: the gradient of `gather` needs a kernel that tfjs has not on WASM.
      const oneHot = tf.cast(tf.oneHot(codes, operation.vocabularySize), 'float32') as tf.Tensor2D;
      const looked = tf.matMul(oneHot, parameter(operation.table) as unknown as tf.Tensor2D);
      if (operation.positions === null) return matrix(looked);
      return matrix(tf.add(tf.reshape(looked, [count, rows, width]), parameter(operation.positions)));
    }
    case 'layer-normalisation': {
      const { mean, variance } = tf.moments(input, -1, true);
      const normal = tf.mul(tf.sub(input, mean), tf.rsqrt(tf.add(variance, operation.epsilon)));
      return matrix(tf.add(tf.mul(normal, parameter(operation.scale)), parameter(operation.shift)));
    }
    case 'causal-attention':
      return matrix(attention(tf.reshape(input, [count, rows, 3, operation.heads, width / operation.heads])));
    case 'gated-recurrence':
      return matrix(
        recurrence(
          tf.reshape(input, [count, rows, 3 * width]),
          parameter(operation.recurrent) as unknown as tf.Tensor2D,
          parameter(operation.bias),
        ),
      );
    case 'sum':
      return matrix(tf.add(input, operation.scale === 1 ? other : tf.mul(other, operation.scale)));
  }
}

function gelu(x: tf.Tensor2D): tf.Tensor2D {
  const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.mul(x, x)))));
  return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner)));
}

/** From [count, rows, 3, heads, columns] to [count, rows, heads, columns]. */
function attention(parts: tf.Tensor5D): tf.Tensor {
  const [, rows, , , columns] = parts.shape;
  const [queries, keys, values] = tf
    .unstack(parts, 2)
    .map((part) => tf.transpose(part, [0, 2, 1, 3]) as tf.Tensor4D);
  const future = tf.sub(1, tf.linalg.bandPart(tf.ones([rows, rows]), -1, 0));
  const scores = tf.mul(tf.matMul(queries!, keys!, false, true), 1 / Math.sqrt(columns));
  const attended = tf.matMul(tf.softmax(tf.sub(scores, tf.mul(future, 1e9))), values!);
  return tf.transpose(attended, [0, 2, 1, 3]);
}

/** Projected characters [count, rows, 3 x units] to states [count, rows, units]. */
function recurrence(projected: tf.Tensor3D, recurrent: tf.Tensor2D, bias: tf.Tensor): tf.Tensor {
  const [count] = projected.shape;
  const units = recurrent.shape[0];
  const gates = tf.slice(recurrent, [0, 0], [units, 2 * units]);
  const candidate = tf.slice(recurrent, [0, 2 * units], [units, units]);
  let state = tf.zeros([count, units]) as tf.Tensor2D;
  const states = tf.unstack(tf.add(projected, bias), 1).map((row) => {
    const [rowGates, rowCandidate] = tf.split(row, [2 * units, units], -1) as [tf.Tensor2D, tf.Tensor2D];
    const [z, r] = tf.split(tf.sigmoid(tf.add(rowGates, tf.matMul(state, gates))), 2, -1);
    const proposed = tf.tanh(tf.add(rowCandidate, tf.matMul(tf.mul(r!, state), candidate)));
    state = tf.add(tf.mul(z!, state), tf.mul(tf.sub(1, z!), proposed)) as tf.Tensor2D;
    return state;
  });
  return tf.stack(states, 1);
}
