/** Problems on which engines are compared, and how their gradients are read. */
import {
  type BuiltInModelSpec,
  type ExampleSet,
  frozenTensors,
  initialParameters,
  integerBelow,
  seededRandom,
} from '@tributary/fl-core';
import type { Engine, EngineSpec, GradientClipping } from '../src/network/engine.ts';
import type { Network } from '../src/network/network.ts';
import { networkOf } from '../src/network/network-of.ts';
import { createReferenceEngine } from '../src/reference/reference-engine.ts';
import { networkExamples, randomParameters } from '../src/self-test/small-network.ts';
import { randomExamples, SMALL_MODELS } from './small-models.ts';
import { SMALL_NETWORKS } from './small-networks.ts';

export const EXAMPLES = 3;
export const BATCH = Int32Array.of(0, 1, 2);
export interface Problem {
  readonly network: Network;
  readonly examples: ExampleSet;
  readonly parameters: Float32Array;
  readonly frozen: Float32Array;
}

export const OPERATION_PROBLEMS: Record<string, Problem> = Object.fromEntries(
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
export const MODEL_PROBLEMS: Record<string, Problem> = Object.fromEntries(
  Object.entries<BuiltInModelSpec>(SMALL_MODELS).map(([name, model]) => {
    const network = networkOf(model);
    const parameters = initialParameters(model, 'differences').values;
    // Zeros and ones are special: a normalisation of scale 1, an adapter that is 0.
    const moved = randomParameters(parameters.length, name).map((value, i) => parameters[i]! + 0.1 * value);
    const frozen = randomParameters(frozenTensors(model) === null ? 0 : network.frozenSize, name);
    return [name, { network, examples: randomExamples(model, EXAMPLES), parameters: moved, frozen }];
  }),
);

/** Of an engine on the calling thread. */
export function gradientOf(
  createEngine: (spec: EngineSpec) => Engine,
  { network, examples, parameters, frozen }: Problem,
  changes: {
    readonly batch?: Int32Array;
    readonly clipping?: GradientClipping;
    readonly examplesPerPass?: number;
  } = {},
): Float64Array {
  const engine = createEngine({
    network,
    optimiser: { kind: 'momentum', learningRate: 1, momentum: 0 },
    batchSize: EXAMPLES,
    clipping: changes.clipping ?? null,
    examplesPerPass: changes.examplesPerPass ?? 1,
  });
  engine.load(parameters, [], frozen);
  engine.step(examples, changes.batch ?? BATCH, 1);
  // The velocity after the first step is the gradient itself, without the rounding of parameters.
  const [gradient] = engine.optimiserState() as Float32Array[];
  engine.dispose();
  return Float64Array.from(gradient!);
}

/** Central differences of the reference engine's loss, which runs in double precision. */
export function slopesAt(problem: Problem, indices: readonly number[]): number[] {
  const { network, examples, frozen } = problem;
  const engine = createReferenceEngine({
    network,
    optimiser: { kind: 'sgd', learningRate: 1 },
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

/** Indices of `count` parameters, or of all. */
export function someOf(size: number, count: number): number[] {
  if (size <= count) return Array.from({ length: size }, (_, index) => index);
  const random = seededRandom('some of them');
  return Array.from({ length: count }, () => integerBelow(random, size));
}
