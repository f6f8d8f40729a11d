/**
 * Before a backend may train, it shows that it can: one gradient of the very model of this run, on fixed seeded
 * data, compared with a backend that
 * is slower and sure. This finds missing operations, half-precision GPUs and broken drivers.
 */
import {
  type ExampleSet,
  initialParameters,
  integerBelow,
  isCharacterModel,
  labelsPerExample,
  type ModelSpec,
  modelClasses,
  modelInputShape,
  type ParameterSet,
  seededRandom,
  type TrainRequest,
  type TrainResult,
  tensorSize,
  unitInterval,
} from '@tributary/fl-core';

/** L2 distance of the gradients over the norm of the reference: float32 stays near 1e-6, half precision does not. */
const TOLERANCE = 1e-3;
const EXAMPLES = 2;

type SelfTestOutcome =
  | { readonly passed: true; readonly relativeError: number }
  | { readonly passed: false; readonly reason: string };

type Train = (request: TrainRequest) => Promise<TrainResult>;

export async function runSelfTest(
  model: ModelSpec,
  on: { readonly expected: Train; readonly tested: Train },
): Promise<SelfTestOutcome> {
  const expected = await gradientOf(model, on.expected);
  try {
    const relativeError = relativeDistance(await gradientOf(model, on.tested), expected);
    if (relativeError <= TOLERANCE) return { passed: true, relativeError };
    return { passed: false, reason: `the self-test is off by ${relativeError.toExponential(1)} (relative)` };
  } catch (error) {
    return { passed: false, reason: reasonOf(error) };
  }
}

/** One SGD step with learning rate 1: minus the gradient is what it adds. */
async function gradientOf(model: ModelSpec, train: Train): Promise<Float32Array> {
  const initial = initialParameters(model, 'self-test');
  const frozen = frozenOf(model);
  const { parameters } = await train({
    model,
    initial,
    ...(frozen && { frozen }),
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

/** Any base model will do. */
function frozenOf(model: ModelSpec): ParameterSet | null {
  if (model.kind !== 'char-transformer' || model.adaptation === undefined) return null;
  return initialParameters({ ...model, adaptation: undefined }, 'self-test');
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
