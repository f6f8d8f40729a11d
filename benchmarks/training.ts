/**
 * Examples per second of one local epoch with SGD: the dense trainer on its WebAssembly kernels and in plain
 * TypeScript, and tfjs on WASM and on CPU (each tfjs trainer in a thread of its own, as it is used). The data is as
 * sparse as MNIST: four inputs in five are zero, which the dense trainer exploits and tfjs does not.
 */
import {
  type DenseModelSpec,
  type ExampleSet,
  initialParameters,
  integerBelow,
  seededRandom,
  type TrainRequest,
  unitInterval,
} from '@tributary/fl-core';
import { createPlainEngine, denseTrainingSteps, trainDenseSync } from '@tributary/training/dense';
import { createNodeTrainer } from '@tributary/training/node';
import type { BenchmarkOptions, BenchmarkRow } from './benchmark.ts';
import { fastest, figure } from './fastest.ts';

const MODELS: Readonly<Record<string, DenseModelSpec>> = {
  'mlp 784-200-200-10': { kind: 'mlp', inputSize: 784, hidden: [200, 200], classes: 10 },
  'softmax 784-10': { kind: 'softmax-regression', inputSize: 784, classes: 10 },
};
const FRACTION_OF_ZEROS = 0.81;

export async function run({ quick }: BenchmarkOptions): Promise<BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  for (const [name, model] of Object.entries(MODELS)) {
    for (const batchSize of [10, 32]) {
      const measured = await measure(model, {
        batchSize,
        exampleCount: quick ? 600 : 6000,
        repeats: quick ? 2 : 5,
      });
      const tfjsWasm = measured['tfjs wasm']!;
      for (const [method, examplesPerSecond] of Object.entries(measured)) {
        rows.push({
          model: name,
          batchSize,
          method,
          examplesPerSecond: figure(examplesPerSecond),
          timesTfjsWasm: figure(examplesPerSecond / tfjsWasm),
        });
      }
    }
  }
  return rows;
}

interface Size {
  readonly batchSize: number;
  readonly exampleCount: number;
  readonly repeats: number;
}

/** Examples per second by method. */
async function measure(model: DenseModelSpec, size: Size): Promise<Record<string, number>> {
  const { exampleCount, repeats } = size;
  const request = requestFor(model, size);
  // The slower ones need fewer examples for a steady figure.
  const fewer = requestFor(model, { ...size, exampleCount: exampleCount / 10 });
  return {
    'dense, WebAssembly kernels': exampleCount / fastest(repeats, () => trainDenseSync(request)),
    'dense, plain TypeScript': exampleCount / 10 / fastest(Math.min(repeats, 2), () => trainPlainly(fewer)),
    'tfjs wasm': await tfjsSpeed('wasm', request, Math.min(repeats, 2)),
    'tfjs cpu': await tfjsSpeed('cpu', fewer, 1),
  };
}

function trainPlainly(request: TrainRequest): void {
  const steps = denseTrainingSteps(request, createPlainEngine);
  while (!steps.next().done);
}

async function tfjsSpeed(backend: 'wasm' | 'cpu', request: TrainRequest, repeats: number): Promise<number> {
  const trainer = await createNodeTrainer({ model: request.model, prefer: backend });
  try {
    let best = 0;
    for (let run = 0; run <= repeats; run += 1) {
      const { examplesTrained, seconds } = await trainer.train(request);
      best = Math.max(best, examplesTrained / seconds);
    }
    return best;
  } finally {
    await trainer.dispose();
  }
}

function requestFor(model: DenseModelSpec, { batchSize, exampleCount }: Size): TrainRequest {
  return {
    model,
    initial: initialParameters(model, 'benchmark'),
    examples: sparseExamples(model, exampleCount),
    training: {
      optimiser: { kind: 'sgd', learningRate: 0.05 },
      epochs: 1,
      batchSize,
      maximumExamples: exampleCount,
    },
    seed: 'benchmark',
  };
}

function sparseExamples({ inputSize, classes }: DenseModelSpec, count: number): ExampleSet {
  const random = seededRandom('benchmark/examples');
  const inputs = Float32Array.from({ length: count * inputSize }, () =>
    unitInterval(random) < FRACTION_OF_ZEROS ? 0 : unitInterval(random),
  );
  const labels = Int32Array.from({ length: count }, () => integerBelow(random, classes));
  return { count, inputShape: [inputSize], inputs, labelsPerExample: 1, labels };
}
