/** The reference engine against calculus, and against the equations of its optimisers. */
import { integerBelow, seededRandom } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { createReferenceEngine } from '../src/reference/reference-engine.ts';
import {
  BATCH,
  EXAMPLES,
  gradientOf,
  MODEL_PROBLEMS,
  OPERATION_PROBLEMS,
  type Problem,
} from './engine-problems.ts';
import { relativeDistance } from './small-problems.ts';

const UNIT_STEP = { kind: 'sgd', learningRate: 1 } as const;

describe.each(Object.entries({ ...OPERATION_PROBLEMS, ...MODEL_PROBLEMS }))(
  'the reference engine: %s',
  (_name, problem) => {
    it('follows the gradient that central differences find', () => {
      const { parameters } = problem;
      const indices = someOf(parameters.length, 60);
      const gradient = gradientOf(createReferenceEngine, problem);
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
      const alone = [0, 1, 2].map((example) =>
        gradientOf(createReferenceEngine, problem, { batch: Int32Array.of(example) }),
      );
      const norms = alone.map((gradient) => Math.sqrt(gradient.reduce((sum, x) => sum + x * x, 0)));
      const clippingNorm = (Math.min(...norms) + Math.max(...norms)) / 2;
      const expected = alone[0]!.map((_, index) =>
        alone.reduce((sum, gradient, example) => {
          return sum + (gradient[index]! * Math.min(1, clippingNorm / norms[example]!)) / 3;
        }, 0),
      );
      const clipped = gradientOf(createReferenceEngine, problem, {
        clipping: { clippingNorm, microbatchSize: 1 },
      });
      expect(relativeDistance(clipped, expected)).toBeLessThan(1e-5);

      const pair = gradientOf(createReferenceEngine, problem, { batch: Int32Array.of(0, 1) });
      const wide = gradientOf(createReferenceEngine, problem, {
        clipping: { clippingNorm: 1e6, microbatchSize: 2 },
      });
      const halves = pair.map((value, index) => (value + alone[2]![index]!) / 2);
      expect(relativeDistance(wide, halves)).toBeLessThan(1e-5);
    });
  },
);

it('uses every kind of operation in these tests', () => {
  const kinds = (problems: Record<string, Problem>) =>
    new Set(Object.values(problems).flatMap(({ network }) => network.operations.map(({ kind }) => kind)));
  expect(kinds(OPERATION_PROBLEMS)).toEqual(kinds(MODEL_PROBLEMS));
  expect(kinds(OPERATION_PROBLEMS).size).toBe(11);
});

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
