/**
 * Before a backend may train, it shows that it can: one gradient of the very model of this run, on fixed seeded
 * data, compared with the plain CPU backend. This finds missing operations, half-precision GPUs and broken drivers.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  type ExampleSet,
  initialParameters,
  integerBelow,
  isCharacterModel,
  labelsPerExample,
  type ModelSpec,
  modelClasses,
  modelInputShape,
  seededRandom,
  tensorSize,
  unitInterval,
} from '@tributary/fl-core';
import { trainWithTfjs } from '../tfjs/tfjs-training.ts';
import type { TfjsBackendName } from './open-backend.ts';

/** L2 distance of the gradients over the norm of the reference: float32 stays near 1e-6, half precision does not. */
const TOLERANCE = 1e-3;
const EXAMPLES = 2;

type SelfTestOutcome =
  | { readonly passed: true; readonly relativeError: number }
  | { readonly passed: false; readonly reason: string };

export interface SelfTest {
  run(backend: TfjsBackendName): Promise<SelfTestOutcome>;
}

/** Needs the `cpu` backend registered; computes its reference once. */
export function createSelfTest(model: ModelSpec): SelfTest {
  let reference: Promise<Float32Array> | undefined;
  return {
    async run(backend) {
      reference ??= gradientOn('cpu', model);
      const expected = await reference;
      try {
        const actual = await gradientOn(backend, model);
        const relativeError = relativeDistance(actual, expected);
        if (relativeError <= TOLERANCE) return { passed: true, relativeError };
        return {
          passed: false,
          reason: `the self-test is off by ${relativeError.toExponential(1)} (relative)`,
        };
      } catch (error) {
        return { passed: false, reason: reasonOf(error) };
      }
    },
  };
}

/** One SGD step with learning rate 1: minus the gradient is what it adds. */
async function gradientOn(backend: TfjsBackendName, model: ModelSpec): Promise<Float32Array> {
  await tf.setBackend(backend);
  const initial = initialParameters(model, 'self-test');
  const { parameters } = await trainWithTfjs({
    model,
    initial,
    examples: selfTestExamples(model),
    training: {
      optimiser: { kind: 'sgd', learningRate: 1 },
      epochs: 1,
      batchSize: EXAMPLES,
      maximumExamples: EXAMPLES,
    },
    seed: 'self-test',
  });
  return parameters.values.map((value, index) => initial.values[index] - value);
}

function selfTestExamples(model: ModelSpec): ExampleSet {
  const random = seededRandom('self-test/examples');
  const inputShape = modelInputShape(model);
  const classes = modelClasses(model);
  const inputs = Float32Array.from({ length: EXAMPLES * tensorSize(inputShape) }, () =>
    isCharacterModel(model) ? integerBelow(random, classes) : unitInterval(random),
  );
  const labels = Int32Array.from({ length: EXAMPLES * labelsPerExample(model) }, () =>
    integerBelow(random, classes),
  );
  return { count: EXAMPLES, inputShape, inputs, labelsPerExample: labelsPerExample(model), labels };
}

function relativeDistance(actual: Float32Array, expected: Float32Array): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i += 1) {
    difference += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return Math.sqrt(difference / Math.max(norm, Number.MIN_VALUE));
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const missing = /Kernel '(\w+)' not registered/.exec(message);
  return missing
    ? `the operation ${missing[1]} is missing`
    : `the self-test failed: ${message.split('\n')[0]}`;
}
