import { expect, it } from 'vitest';
import { wholePower } from '../src/wasm/optimiser-step.ts';

const bitsOf = (value: number): string =>
  new BigUint64Array(Float64Array.of(value).buffer)[0]!.toString(16).padStart(16, '0');

it.each([
  // Found by CPython 3.11, whose floats multiply as IEEE 754 says.
  [0.9, 1, '3feccccccccccccd'],
  [0.9, 37, '3f94c31dc565706e'],
  [0.999, 3, '3fefe772d5570166'],
  [0.999, 1000, '3fd788526411edac'],
  [0.999, 54_321, '3b081eb1fcd702aa'],
])("raises Adam's decay %d to step %d with the same bits everywhere", (base, exponent, bits) => {
  expect(bitsOf(wholePower(base, exponent))).toBe(bits);
  expect(wholePower(base, exponent) / base ** exponent).toBeCloseTo(1, 11);
});
