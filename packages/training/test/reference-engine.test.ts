/** The reference engine against calculus, and against the equations of its optimisers. */
import {
  type BuiltInModelSpec,
  type ExampleSet,
  frozenTensors,
  initialParameters,
  integerBelow,
  seededRandom,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import type { Network } from '../src/network/network.ts';
import { networkOf } from '../src/network/network-of.ts';
import { createReferenceEngine } from '../src/reference/reference-engine.ts';
import { randomExamples, SMALL_MODELS } from './small-models.ts';
import { networkExamples, randomParameters, SMALL_NETWORKS } from './small-networks.ts';
import { relativeDistance } from './small-problems.ts';

const EXAMPLES = 3;
const BATCH = Int32Array.of(0, 1, 2);
const UNIT_STEP = { kind: 'sgd', learningRate: 1 } as const;

interface Problem {
  readonly network: Network;
  readonly examples: ExampleSet;
  readonly parameters: Float32Array;
  readonly frozen: Float32Array;
}

const OPERATIONS: Record<string, Problem> = Object.fromEntries(
  Object.entries(SMALL_NETWORKS).map(([name, network]) => [
    name,
    {
      network,
      examples: networkExamples(network, EXAMPLES),
      parameters: randomParameters(network.trainedSize, name),
      frozen: randomParameters(network.frozenSize, `frozen ${name}`),
    },
  ]),
);
const MODELS: Record<string, Problem> = Object.fromEntries(
  Object.entries<BuiltInModelSpec>(SMALL_MODELS).map(([name, model]) => {
    const network = networkOf(model);
    const parameters = initialParameters(model, 'differences').values;
    // Zeros and ones are special: a normalisation of scale 1, an adapter that is 0.
    const moved = randomParameters(parameters.length, name).map((value, i) => parameters[i]! + 0.1 * value);
    const frozen = randomParameters(frozenTensors(model) === null ? 0 : network.frozenSize, name);
    return [name, { network, examples: randomExamples(model, EXAMPLES), parameters: moved, frozen }];
  }),
);

describe.each(Object.entries({ ...OPERATIONS, ...MODELS }))('the reference engine: %s', (_name, problem) => {
  it('follows the gradient that central differences find', () => {
    const { parameters } = problem;
    const indices = someOf(parameters.length, 60);
    const gradient = gradientOf(problem);
    const numeric = slopesAt(problem, indices);
    expect(Math.hypot(...numeric)).toBeGreaterThan(0);
    expect(
      relativeDistance(
        indices.map((index) => gradient[index]!),
        numeric,
      ),
    ).toBeLessThan(2e-5);
  });

  it('takes the mean over microbatches of gradients that it has clipped', () => {
    const alone = [0, 1, 2].map((example) => gradientOf(problem, { batch: Int32Array.of(example) }));
    const norms = alone.map((gradient) => Math.sqrt(gradient.reduce((sum, x) => sum + x * x, 0)));
    const clippingNorm = (Math.min(...norms) + Math.max(...norms)) / 2;
    const expected = alone[0]!.map((_, index) =>
      alone.reduce((sum, gradient, example) => {
        return sum + (gradient[index]! * Math.min(1, clippingNorm / norms[example]!)) / 3;
      }, 0),
    );
    const clipped = gradientOf(problem, { clipping: { clippingNorm, microbatchSize: 1 } });
    expect(relativeDistance(clipped, expected)).toBeLessThan(1e-5);

    const pair = gradientOf(problem, { batch: Int32Array.of(0, 1) });
    const wide = gradientOf(problem, { clipping: { clippingNorm: 1e6, microbatchSize: 2 } });
    const halves = pair.map((value, index) => (value + alone[2]![index]!) / 2);
    expect(relativeDistance(wide, halves)).toBeLessThan(1e-5);
  });
});

it('uses every kind of operation in these tests', () => {
  const kinds = (problems: Record<string, Problem>) =>
    new Set(Object.values(problems).flatMap(({ network }) => network.operations.map(({ kind }) => kind)));
  expect(kinds(OPERATIONS)).toEqual(kinds(MODELS));
  expect(kinds(OPERATIONS).size).toBe(11);
});

function gradientOf(
  { network, examples, parameters, frozen }: Problem,
  changes: { batch?: Int32Array; clipping?: { clippingNorm: number; microbatchSize: number } } = {},
): Float64Array {
  const engine = createReferenceEngine({
    network,
    optimiser: { kind: 'momentum', learningRate: 1, momentum: 0 },
    batchSize: EXAMPLES,
    clipping: changes.clipping ?? null,
    examplesPerPass: 1,
  });
  engine.load(parameters, [], frozen);
  engine.step(examples, changes.batch ?? BATCH, 1);
  // The velocity after the first step is the gradient itself, without the rounding of parameters.
  const [gradient] = engine.optimiserState() as Float32Array[];
  return Float64Array.from(gradient!);
}

function slopesAt(problem: Problem, indices: readonly number[]): number[] {
  const { network, examples, frozen } = problem;
  const engine = createReferenceEngine({
    network,
    optimiser: UNIT_STEP,
    batchSize: EXAMPLES,
    clipping: null,
    examplesPerPass: 1,
  });
  const parameters = problem.parameters.slice();
  return indices.map((index) => {
    const before = parameters[index]!;
    const lossAt = (value: number): { readonly value: number; readonly loss: number } => {
      parameters[index] = value;
      engine.load(parameters, [], frozen);
      engine.step(examples, BATCH, 1);
      return { value: parameters[index]!, loss: (engine.takeLoss() as number) / EXAMPLES };
    };
    const [high, low] = [lossAt(before + 1e-4), lossAt(before - 1e-4)];
    parameters[index] = before;
    // Parameters are float32, losses are not: the difference counts that the parameter really made.
    return (high.loss - low.loss) / (high.value - low.value);
  });
}

function someOf(size: number, count: number): number[] {
  if (size <= count) return Array.from({ length: size }, (_, index) => index);
  const random = seededRandom('some of them');
  return Array.from({ length: count }, () => integerBelow(random, size));
}
