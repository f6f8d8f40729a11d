import * as tf from '@tensorflow/tfjs-core';

/** One row of `depth` floats per index. tfjs-wasm 4.22 gives zeros when asked for float32 directly, hence the cast. */
export function oneHot(indices: Int32Array, depth: number): tf.Tensor {
  return tf.cast(tf.oneHot(tf.tensor1d(indices, 'int32'), depth), 'float32');
}
