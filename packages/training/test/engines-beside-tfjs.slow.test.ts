/** Our engines beside tfjs's CPU backend, which knows nothing of them: the gradient of whole models, norm-wise. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { type BuiltInModelSpec, initialParameters, modelClasses } from '@tributary/fl-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { tfjsNetwork } from '../../../benchmarks/training/page/tfjs-network.ts';
import { networkOf } from '../src/network/network-of.ts';
import { createReferenceEngine } from '../src/reference/reference-engine.ts';
import { createWasmEngine } from '../src/wasm/wasm-engine.ts';
import { EXAMPLES, gradientOf, type Problem } from './engine-problems.ts';
import { randomExamples, SMALL_MODELS } from './small-models.ts';
import { relativeDistance } from './small-problems.ts';

/** tfjs trains all parameters of a model. */
const {
  'adapted char-transformer': _both,
  'char-transformer with one frozen factor': _one,
  ...MODELS
} = SMALL_MODELS;

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

describe.each(Object.entries<BuiltInModelSpec>(MODELS))('the gradient of %s', (_name, model) => {
  const problem: Problem = {
    network: networkOf(model),
    examples: randomExamples(model, EXAMPLES),
    parameters: initialParameters(model, 'benchmark').values,
    frozen: new Float32Array(0),
  };

  it.each([
    ['plain', createReferenceEngine],
    ['WebAssembly', (spec: Parameters<typeof createReferenceEngine>[0]) => createWasmEngine(spec, 'strict')!],
  ] as const)('is that of tfjs within 1e-5: %s', (_engine, create) => {
    expect(relativeDistance(gradientOf(create, problem), gradientOnTfjs(model, problem))).toBeLessThan(1e-5);
  });
});

function gradientOnTfjs(model: BuiltInModelSpec, { examples }: Problem): Float32Array {
  const { variables, logits } = tfjsNetwork(model);
  const { grads } = tf.tidy(() => {
    const labels = tf.tensor1d(examples.labels, 'int32');
    const targets = tf.cast(tf.oneHot(labels, modelClasses(model)), 'float32');
    const loss = (): tf.Scalar =>
      tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits(examples.inputs, examples.count))), -1)));
    return tf.variableGrads(loss, [...variables]);
  });
  const flat = variables.flatMap((variable) => [...grads[variable.name]!.dataSync()]);
  tf.dispose([grads, [...variables]]);
  return Float32Array.from(flat);
}
