import { describe, expect, it } from 'vitest';
import { orthonormalise } from '../src/orthonormal.ts';
import { normal } from './clear/samples.ts';

describe('orthonormal columns', () => {
  it.each([
    ['of a normal matrix', (i: number, k: number) => normal(1, 1 + 7 * i + k)[0]!],
    // The classical example that one pass of Gram-Schmidt fails on (Läuchli 1961).
    ['of nearly dependent columns', (i: number, k: number) => (i === 0 ? 1 : i === k + 1 ? 1e-9 : 0)],
    ['of a Hilbert matrix', (i: number, k: number) => 1 / (i + k + 1)],
    ['of very small numbers', (i: number, k: number) => 1e-40 * normal(1, 1 + 7 * i + k)[0]!],
  ])('%s have length one and products zero, to rounding', (_, element) => {
    const [rows, columns] = [50, 6];
    const q = orthonormalised(rows, columns, element);
    for (let a = 0; a < columns; a += 1) {
      for (let b = 0; b < columns; b += 1) {
        expect(Math.abs(productOf(q, { rows, columns, a, b }) - (a === b ? 1 : 0))).toBeLessThan(1e-14);
      }
    }
  });

  it('are zero where a column is zero, or depends on those before', () => {
    const columns = 4;
    const q = orthonormalised(20, columns, (i, k) => [i + 1, 0, 3 * (i + 1), i * i][k]!);
    const lengths = Array.from({ length: columns }, (_, a) => productOf(q, { rows: 20, columns, a, b: a }));
    expect(lengths.map((length) => Math.round(length * 1e12) / 1e12)).toEqual([1, 0, 0, 1]);
    expect(q.some(Number.isNaN)).toBe(false);
  });
});

function orthonormalised(
  rows: number,
  columns: number,
  element: (i: number, k: number) => number,
): Float64Array {
  const matrix = Float64Array.from({ length: rows * columns }, (_, at) =>
    element(Math.floor(at / columns), at % columns),
  );
  orthonormalise(matrix, columns);
  return matrix;
}

function productOf(
  q: Float64Array,
  { rows, columns, a, b }: { rows: number; columns: number; a: number; b: number },
): number {
  let product = 0;
  for (let i = 0; i < rows; i += 1) product += q[i * columns + a]! * q[i * columns + b]!;
  return product;
}
