/**
 * Before a backend may train, it shows that it can: one gradient of the very model of this run, on fixed seeded
 * data, compared with a backend that is slower and sure. This finds missing operations, half-precision GPUs and broken drivers.
 */
import {
  type ExampleSet,
  frozenParameters,
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
import { relativeDistance } from './relative-distance.ts';

/** L2 distance of the gradients over the norm of the reference: float32 stays near 1e-6, half precision does not. */
export const MODEL_TOLERANCE = 1e-3;
const EXAMPLES = 2;

type Train = (request: TrainRequest) => Promise<TrainResult>;
interface Compared {
  readonly expected: Train;
  readonly tested: Train;
}

/** Why the backend must not train this model; null when it may. */
export async function testModel(model: ModelSpec, on: Compared): Promise<string | null> {
  const expected = await gradientOf(model, on.expected);
  try {
    const error = relativeDistance(await gradientOf(model, on.tested), expected);
    return error <= MODEL_TOLERANCE ? null : `the self-test is off by ${error.toExponential(1)} (relative)`;
  } catch (error) {
    return reasonOf(error);
  }
}

/** L2 distance of the gradients over the norm of the expected one. Throws what training throws. */
export async function modelError(model: ModelSpec, { expected, tested }: Compared): Promise<number> {
  return relativeDistance(await gradientOf(model, tested), await gradientOf(model, expected));
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
  return frozenParameters(model, initialParameters({ ...model, adaptation: undefined }, 'self-test'));
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

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const missing = /Kernel '(\w+)' not registered/.exec(message);
  return missing
    ? `the operation ${missing[1]} is missing`
    : `the self-test failed: ${message.split('\n')[0]}`;
}
