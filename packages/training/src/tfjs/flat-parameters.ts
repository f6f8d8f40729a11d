/** Between tfjs variables and the flat vector of a `ParameterSet`. */
import * as tf from '@tensorflow/tfjs-core';

export function loadVariables(variables: readonly tf.Variable[], values: Float32Array): void {
  let offset = 0;
  for (const variable of variables) {
    // A copy: some backends keep the array that a tensor was made of.
    const own = values.slice(offset, offset + variable.size);
    tf.tidy(() => variable.assign(tf.tensor(own, variable.shape)));
    offset += variable.size;
  }
}

export async function readVariables(variables: readonly tf.Variable[]): Promise<Float32Array> {
  const values = new Float32Array(variables.reduce((size, variable) => size + variable.size, 0));
  let offset = 0;
  for (const variable of variables) {
    values.set(await variable.data(), offset);
    offset += variable.size;
  }
  return values;
}
