/** The plain loop that tfjs documents: `optimiser.minimize` over a batch, with its fused operations where it has them. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { modelClasses } from '@tributary/fl-core';
import type { CannotTrain, Program } from '../program.ts';
import { batchesOf, examplesOf, LEARNING_RATE, modelOf, type Workload } from '../workload.ts';
import { countDispatches } from './dispatches.ts';
import { tfjsNetwork } from './tfjs-network.ts';

export async function openTfjs(
  name: 'tfjs-cpu' | 'tfjs-wasm' | 'tfjs-webgpu',
  workload: Workload,
): Promise<Program | CannotTrain> {
  tf.enableProdMode();
  const dispatches = countDispatches();
  if (!(await START[name]())) return { reason: `${name} does not start here` };

  const examples = examplesOf(workload);
  const spec = modelOf(workload);
  const network = tfjsNetwork(spec);
  const optimiser = tf.train.sgd(LEARNING_RATE);
  const batches = batchesOf(workload);
  const size = examples.inputs.length / examples.count;
  const classes = modelClasses(spec);
  let done = 0;

  const step = (): tf.Scalar => {
    const [first] = batches[done % batches.length]!;
    const last = first! + workload.batch;
    const inputs = examples.inputs.subarray(first! * size, last * size);
    const perExample = examples.labelsPerExample;
    const labels = examples.labels.subarray(first! * perExample, last * perExample);
    done += 1;
    return tf.tidy(() => {
      const targets = tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classes), 'float32');
      return optimiser.minimize(
        () => {
          const logits = network.logits(inputs, workload.batch);
          return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), -1))) as tf.Scalar;
        },
        true,
        [...network.variables],
      )!;
    });
  };
  /** The loss is read once at the end, as a careful user would. */
  const run = async (steps: number): Promise<number> => {
    const started = performance.now();
    for (let index = 0; index < steps; index += 1) {
      const loss = step();
      if (index === steps - 1) await loss.data();
      loss.dispose();
    }
    return (performance.now() - started) / 1000;
  };
  try {
    await run(1);
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
  return {
    run,
    close: async () => (name === 'tfjs-webgpu' ? { dispatchesPerStep: Math.round(dispatches() / done) } : {}),
  };
}

const START = {
  'tfjs-cpu': async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    return tf.setBackend('cpu');
  },
  'tfjs-wasm': async () => {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths('/wasm/');
    return tf.setBackend('wasm');
  },
  'tfjs-webgpu': async () => {
    await import('@tensorflow/tfjs-backend-webgpu');
    return tf.setBackend('webgpu');
  },
};
