/** Client optimisers on tensors; written out because tfjs's own cannot restore their state synchronously. */
import * as tf from '@tensorflow/tfjs-core';
import type { ClientOptimiser } from '@tributary/fl-core';
import { momentsOf } from '../check-request.ts';
import { loadVariables, readVariables } from './flat-parameters.ts';

export interface TensorOptimiser {
  /** Moves the variables; `gradients` stand in the order of the variables, `step` counts from 1. */
  apply(gradients: readonly tf.Tensor[], step: number): void;
  /** One vector per moment, each the size of the model. */
  state(): Promise<Float32Array[]>;
  dispose(): void;
}

export function createTensorOptimiser(
  spec: ClientOptimiser,
  variables: readonly tf.Variable[],
  state: readonly Float32Array[],
): TensorOptimiser {
  const moments = Array.from({ length: momentsOf(spec.kind) }, (_, moment) => {
    const zeros = variables.map((variable) => tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)));
    if (state[moment]) loadVariables(zeros, state[moment]);
    return zeros;
  });
  return {
    apply: (gradients, step) =>
      tf.tidy(() => {
        variables.forEach((variable, index) => {
          const own = moments.map((moment) => moment[index]);
          variable.assign(tf.sub(variable, changeOf(spec, gradients[index], own, step)));
        });
      }),
    state: () => Promise.all(moments.map(readVariables)),
    dispose: () => tf.dispose(moments),
  };
}

/** What to subtract from a variable; moves its moments on. */
function changeOf(
  spec: ClientOptimiser,
  gradient: tf.Tensor,
  moments: tf.Variable[],
  step: number,
): tf.Tensor {
  switch (spec.kind) {
    case 'sgd':
      return tf.mul(gradient, spec.learningRate);
    case 'momentum': {
      const [velocity] = moments;
      velocity.assign(tf.add(tf.mul(velocity, spec.momentum), gradient));
      return tf.mul(velocity, spec.learningRate);
    }
    case 'adam': {
      // Kingma and Ba 2015, algorithm 1.
      const [first, second] = moments;
      const { beta1, beta2, epsilon, learningRate } = spec;
      first.assign(tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1)));
      second.assign(tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
      const mean = tf.div(first, 1 - beta1 ** step);
      const spread = tf.sqrt(tf.div(second, 1 - beta2 ** step));
      return tf.mul(tf.div(mean, tf.add(spread, epsilon)), learningRate);
    }
  }
}
