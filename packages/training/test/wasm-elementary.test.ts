/** The kernels' exp, tanh, sigmoid and GELU against `Math` in double precision. */
import { describe, expect, it } from 'vitest';
import { lendArena } from '../src/wasm/arena.ts';

const { kernels, memory, base } = lendArena('strict', 1 << 20)!;
const SMALLEST_NORMAL = 2 ** -126;

type Kernel = (input: number, output: number, size: number) => void;

function apply(kernel: Kernel, inputs: Float32Array): Float32Array {
  const output = base + 4 * (inputs.length + 16);
  new Float32Array(memory.buffer, base, inputs.length).set(inputs);
  kernel(base, output, 4 * inputs.length);
  return new Float32Array(memory.buffer, output, inputs.length).slice();
}

/** Both signs of every size of exponent, densely where the functions bend. */
const INPUTS = Float32Array.from([
  ...Array.from({ length: 40_001 }, (_, i) => (i - 20_000) / 200),
  ...Array.from({ length: 40_001 }, (_, i) => (i - 20_000) / 20_000),
  ...Array.from({ length: 254 }, (_, i) => 1.37 * 2 ** (i - 126)),
  ...Array.from({ length: 254 }, (_, i) => -1.37 * 2 ** (i - 126)),
  0,
  0.625,
  -0.625,
  88.37,
  -87.33,
]);

interface Case {
  readonly kernel: Kernel;
  readonly exact: (x: number) => number;
  readonly limits: readonly [atMinusInfinity: number, atPlusInfinity: number];
}

const CASES: Record<string, Case> = {
  exp: { kernel: kernels.exponential, exact: Math.exp, limits: [0, Number.POSITIVE_INFINITY] },
  tanh: { kernel: kernels.hyperbolicTangent, exact: Math.tanh, limits: [-1, 1] },
  sigmoid: { kernel: kernels.logistic, exact: (x) => 1 / (1 + Math.exp(-x)), limits: [0, 1] },
};

describe.each(Object.entries(CASES))('%s of the kernels', (_name, { kernel, exact, limits }) => {
  it('is within 3e-7 wherever the result is a normal number', () => {
    const results = apply(kernel, INPUTS);
    let worst = 0;
    INPUTS.forEach((x, i) => {
      const expected = exact(x);
      if (Math.abs(expected) < SMALLEST_NORMAL || Math.abs(expected) > 2.3e38) return;
      worst = Math.max(worst, Math.abs(results[i]! / expected - 1));
    });
    expect(worst).toBeLessThan(3e-7);
    expect(worst).toBeGreaterThan(0);
  });

  it('runs into its limits, and leaves NaN as it is', () => {
    const ends = Float32Array.of(-Infinity, Infinity, -3e38, 3e38, Number.NaN, -200, 200, 0);
    const [below, above] = limits;
    expect([...apply(kernel, ends)]).toEqual([
      below,
      above,
      below,
      above,
      Number.NaN,
      below,
      above,
      exact(0),
    ]);
  });
});

it('exp ends at the numbers that its comment says', () => {
  const ends = Float32Array.of(88.37, 88.39, -87.67, -87.69);
  const [high, higher, low, lower] = apply(kernels.exponential, ends);
  expect(Math.abs(high! / Math.exp(ends[0]!) - 1)).toBeLessThan(3e-7);
  expect(higher).toBe(Number.POSITIVE_INFINITY);
  expect(Math.abs(low! - Math.exp(ends[2]!))).toBeLessThan(2 ** -149);
  expect(lower).toBe(0);
});

it('GELU is within 1e-6 of its tanh form, its slope within 2e-6', () => {
  const inputs = INPUTS.filter((x) => Math.abs(x) < 30);
  const u = (x: number): number => Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
  const slope = (x: number): number => {
    const tanh = Math.tanh(u(x));
    const inner = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
    return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * inner;
  };
  const values = apply(kernels.gelu, inputs);
  // The kernel leaves the slopes where its inputs were.
  const slopes = new Float32Array(memory.buffer, base, inputs.length).slice();
  const worst = { value: 0, slope: 0 };
  inputs.forEach((x, i) => {
    const error = Math.abs(values[i]! - 0.5 * x * (1 + Math.tanh(u(x))));
    worst.value = Math.max(worst.value, error / Math.max(1, Math.abs(x)));
    worst.slope = Math.max(worst.slope, Math.abs(slopes[i]! - slope(x)));
  });
  expect(worst.value).toBeLessThan(1e-6);
  expect(worst.slope).toBeLessThan(2e-6);
});
