/**
 * The dense network written plainly: the reference that the WebAssembly engine is compared with, and what trains
 * where WebAssembly SIMD is missing or forbidden. Sums run in double precision, storage is float32.
 */
import {
  type ClientOptimiser,
  denseWidths,
  type ExampleSet,
  parameterShapes,
  tensorViews,
} from '@tributary/fl-core';
import { momentsOf } from '../check-request.ts';
import type { DenseEngine, DenseEngineSpec } from './engine.ts';

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  readonly kernelGradient: Float32Array;
  readonly biasGradient: Float32Array;
}

export function createPlainEngine({ model, optimiser }: DenseEngineSpec): DenseEngine {
  const widths = denseWidths(model);
  const shapes = parameterShapes(model);
  const size = shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const parameters = new Float32Array(size);
  const gradient = new Float32Array(size);
  const moments = Array.from({ length: momentsOf(optimiser.kind) }, () => new Float32Array(size));
  const tensors = tensorViews({ shapes, values: parameters });
  const gradients = tensorViews({ shapes, values: gradient });
  const layers = widths.slice(1).map(
    (outputs, index): Layer => ({
      inputs: widths[index],
      outputs,
      kernel: tensors[2 * index],
      bias: tensors[2 * index + 1],
      kernelGradient: gradients[2 * index],
      biasGradient: gradients[2 * index + 1],
    }),
  );
  const activations = widths.map((width) => new Float64Array(width));
  const errors = widths.map((width) => new Float64Array(width));
  let logits = new Float32Array(0);

  return {
    load(values, state) {
      parameters.set(values);
      moments.forEach((moment, index) => {
        if (state[index]) moment.set(state[index]);
        else moment.fill(0);
      });
    },
    parameters: () => parameters.slice(),
    optimiserState: () => moments.map((moment) => moment.slice()),
    step(examples, batch, step) {
      gradient.fill(0);
      let loss = 0;
      for (const example of batch) {
        forward(layers, activations, examples, example);
        loss += softmaxError(activations.at(-1)!, errors.at(-1)!, examples.labels[example]);
        backward(layers, activations, errors);
      }
      for (let i = 0; i < size; i += 1) gradient[i] /= batch.length;
      applyOptimiser(optimiser, { parameters, gradient, moments, step });
      return loss;
    },
    predict(examples, from, count) {
      const classes = widths.at(-1)!;
      if (logits.length !== count * classes) logits = new Float32Array(count * classes);
      for (let row = 0; row < count; row += 1) {
        forward(layers, activations, examples, from + row);
        logits.set(activations.at(-1)!, row * classes);
      }
      return logits;
    },
  };
}

function forward(
  layers: readonly Layer[],
  activations: readonly Float64Array[],
  examples: ExampleSet,
  example: number,
): void {
  const inputWidth = layers[0].inputs;
  activations[0].set(examples.inputs.subarray(example * inputWidth, (example + 1) * inputWidth));
  layers.forEach((layer, index) => {
    const input = activations[index];
    const output = activations[index + 1];
    output.set(layer.bias);
    for (let i = 0; i < layer.inputs; i += 1) {
      const x = input[i];
      if (x === 0) continue;
      const row = i * layer.outputs;
      for (let j = 0; j < layer.outputs; j += 1) output[j] += x * layer.kernel[row + j];
    }
    if (index === layers.length - 1) return;
    for (let j = 0; j < layer.outputs; j += 1) if (output[j] < 0) output[j] = 0;
  });
}

/** Writes softmax(logits) - oneHot(label); returns the cross-entropy. */
function softmaxError(logits: Float64Array, error: Float64Array, label: number): number {
  const highest = logits.reduce((a, b) => Math.max(a, b));
  let sum = 0;
  for (let k = 0; k < logits.length; k += 1) sum += error[k] = Math.exp(logits[k] - highest);
  for (let k = 0; k < logits.length; k += 1) error[k] = error[k] / sum - (k === label ? 1 : 0);
  return Math.log(sum) - (logits[label] - highest);
}

/** Adds this example's gradient. Error flows only where the ReLU was open, that is, where its output is not 0. */
function backward(
  layers: readonly Layer[],
  activations: readonly Float64Array[],
  errors: readonly Float64Array[],
): void {
  for (let index = layers.length - 1; index >= 0; index -= 1) {
    const { inputs, outputs, kernel, kernelGradient, biasGradient } = layers[index];
    const input = activations[index];
    const error = errors[index + 1];
    const inputError = errors[index];
    for (let j = 0; j < outputs; j += 1) biasGradient[j] += error[j];
    for (let i = 0; i < inputs; i += 1) {
      const x = input[i];
      inputError[i] = 0;
      if (x === 0) continue;
      const row = i * outputs;
      let sum = 0;
      for (let j = 0; j < outputs; j += 1) {
        kernelGradient[row + j] += x * error[j];
        sum += kernel[row + j] * error[j];
      }
      inputError[i] = sum;
    }
  }
}

function applyOptimiser(
  optimiser: ClientOptimiser,
  at: {
    readonly parameters: Float32Array;
    readonly gradient: Float32Array;
    readonly moments: readonly Float32Array[];
    readonly step: number;
  },
): void {
  const { parameters, gradient, moments, step } = at;
  const rate = optimiser.learningRate;
  switch (optimiser.kind) {
    case 'sgd':
      for (let i = 0; i < parameters.length; i += 1) parameters[i] -= rate * gradient[i];
      return;
    case 'momentum': {
      const velocity = moments[0];
      for (let i = 0; i < parameters.length; i += 1) {
        velocity[i] = optimiser.momentum * velocity[i] + gradient[i];
        parameters[i] -= rate * velocity[i];
      }
      return;
    }
    case 'adam': {
      // Kingma and Ba 2015, algorithm 1.
      const { beta1, beta2, epsilon } = optimiser;
      const [first, second] = moments;
      const correction1 = 1 - beta1 ** step;
      const correction2 = 1 - beta2 ** step;
      for (let i = 0; i < parameters.length; i += 1) {
        const g = gradient[i];
        first[i] = beta1 * first[i] + (1 - beta1) * g;
        second[i] = beta2 * second[i] + (1 - beta2) * g * g;
        parameters[i] -= (rate * (first[i] / correction1)) / (Math.sqrt(second[i] / correction2) + epsilon);
      }
      return;
    }
  }
}
