/** The reference engine against calculus, and against the equations of its optimisers. */
import { describe, expect, it } from 'vitest';
import { createReferenceEngine } from '../src/reference/reference-engine.ts';
import {
  gradientOf,
  MODEL_PROBLEMS,
  OPERATION_PROBLEMS,
  type Problem,
  slopesAt,
  someOf,
} from './engine-problems.ts';
import { relativeDistance } from './small-problems.ts';

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
