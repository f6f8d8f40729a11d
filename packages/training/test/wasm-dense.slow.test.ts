/** Products of matrices on the WebAssembly kernels against the definition in double precision. */
import { integerBelow, seededRandom, unitInterval } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { distance, kernelBench } from './kernel-bench.ts';

const random = seededRandom('wasm dense');
const anySize = (below: number): number => 1 + integerBelow(random, below);
const SHAPES = [
  [1, 1, 1],
  [4, 8, 8],
  [10, 784, 200],
  [32, 300, 10],
  [5, 129, 65],
  [130, 5, 3],
  ...Array.from({ length: 20 }, () => [anySize(140), anySize(270), anySize(140)]),
] as const;
const DENSITIES = [1, 0.5, 0.1];

describe.each(SHAPES)('a product of %i x %i by %i', (...sizes) => {
  const [rows = 0, inner = 0, width = 0] = sizes;
  const density = DENSITIES[rows % DENSITIES.length]!;
  const x = numbers(rows * inner, density);
  const w = numbers(inner * width);
  const b = numbers(width);
  const g = numbers(rows * width);

  it.each([false, true])('adds the bias and rectifies as told (%s)', (rectify) => {
    const expected = Array.from({ length: rows * width }, (_, at) => {
      const row = Math.floor(at / width);
      const column = at % width;
      let sum = b[column]!;
      for (let k = 0; k < inner; k += 1) sum += x[row * inner + k]! * w[k * width + column]!;
      return rectify ? Math.max(sum, 0) : sum;
    });
    const results = [0, 1].map(() => {
      const { kernels, place, read, isGuarded } = kernelBench();
      const output = place(new Float32Array(rows * width));
      kernels.denseForward(rows, inner, width, place(x), place(w), place(b), output, rectify);
      expect(isGuarded(output, rows * width)).toBe(true);
      return read(output, rows * width);
    });
    expect(distance(results[0]!, expected)).toBeLessThan(2e-6);
    expect(results[1]).toEqual(results[0]);
  });

  it.each([false, true])('has a gradient for its input, added or written (%s)', (add) => {
    const before = numbers(rows * inner);
    const expected = Array.from({ length: rows * inner }, (_, at) => {
      const row = Math.floor(at / inner);
      const k = at % inner;
      let sum = add ? before[at]! : 0;
      for (let column = 0; column < width; column += 1)
        sum += g[row * width + column]! * w[k * width + column]!;
      return sum;
    });
    const { kernels, place, read, isGuarded } = kernelBench();
    const target = place(before);
    kernels.denseInputGradient(rows, inner, width, place(g), place(w), target, add);
    expect(isGuarded(target, rows * inner)).toBe(true);
    expect(distance(read(target, rows * inner), expected)).toBeLessThan(2e-6);
  });

  it('adds to the gradients of kernel and bias', () => {
    const before = numbers(inner * width);
    const expected = Float64Array.from(before);
    const expectedBias = Float64Array.from(b);
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < width; column += 1) {
        const error = g[row * width + column]!;
        expectedBias[column]! += error;
        for (let k = 0; k < inner; k += 1) expected[k * width + column]! += x[row * inner + k]! * error;
      }
    }
    const { kernels, place, read, isGuarded } = kernelBench();
    const target = place(before);
    const biasTarget = place(b);
    const errors = place(g);
    kernels.denseKernelGradient(rows, inner, width, place(x), errors, target);
    kernels.addColumnSums(rows, width, errors, biasTarget);
    expect(isGuarded(target, inner * width)).toBe(true);
    expect(isGuarded(biasTarget, width)).toBe(true);
    expect(distance(read(target, inner * width), expected)).toBeLessThan(2e-6);
    expect(distance(read(biasTarget, width), expectedBias)).toBeLessThan(2e-6);
  });
});

/** Uniform in -1..1; zero but for a share of `density`. */
function numbers(count: number, density = 1): Float32Array {
  return Float32Array.from({ length: count }, () =>
    unitInterval(random) < density ? 2 * unitInterval(random) - 1 : 0,
  );
}
