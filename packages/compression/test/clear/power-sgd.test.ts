import {
  type ClearContext,
  type ClearPlanLike,
  type CodecMemory,
  decodeClear,
  encodeClear,
  withResidual,
} from '@tributary/compression';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orthonormalise } from '../../src/orthonormal.ts';
import { normal, seeded } from './samples.ts';

type PowerSgd = Extract<ClearPlanLike, { codec: 'power-sgd' }>;
const PLAN: PowerSgd = {
  codec: 'power-sgd',
  rank: 2,
  feedback: { mode: 'on', expiresAfterRounds: 20 },
};

describe('PowerSGD', () => {
  it.each([1, 2, 3, 4])('recovers a matrix of rank %i to the rounding of float32', (rank) => {
    const [rows, columns] = [40, 30];
    const values = productOf(normal(rows * rank, 1), normal(columns * rank, 2), { rows, columns, rank });
    const { decoded } = encodeClear(values, { ...PLAN, rank }, contextFor([[rows, columns]]));
    expect(relativeError(values, decoded)).toBeLessThan(1e-6);
  });

  it('loses most of what one rank less cannot hold', () => {
    const [rows, columns, rank] = [40, 30, 3];
    const values = productOf(normal(rows * rank, 1), normal(columns * rank, 2), { rows, columns, rank });
    const { decoded } = encodeClear(values, { ...PLAN, rank: 2 }, contextFor([[rows, columns]]));
    expect(relativeError(values, decoded)).toBeGreaterThan(0.1);
  });

  it('finds the best approximation of a matrix that stays, from where it ended the last time (Eckart and Young 1936)', () => {
    const [rows, columns, rank] = [40, 30, 5];
    const left = orthonormal(rows, rank, 3);
    const right = orthonormal(columns, rank, 4);
    const singularValues = [5, 4, 2, 1.5, 1];
    const scaled = left.map((value, at) => value * singularValues[at % rank]!);
    const values = productOf(scaled, right, { rows, columns, rank });
    const best = Math.sqrt((2 ** 2 + 1.5 ** 2 + 1) / (25 + 16 + 4 + 2.25 + 1));
    const errors: number[] = [];
    let memory: CodecMemory | null = null;
    for (let roundNumber = 1; roundNumber <= 12; roundNumber += 1) {
      const context = { ...contextFor([[rows, columns]]), roundNumber, feedback: memory };
      const code = encodeClear(values, PLAN, context);
      errors.push(relativeError(values, code.decoded));
      memory = code.memory;
    }
    expect(errors[0]).toBeGreaterThan(best * 1.02);
    expect(errors.at(-1)).toBeLessThan(best * 1.0001);
  });

  it('sends vectors as they are, and matrices whose factors would not be smaller', () => {
    const shapes = [[20, 10], [10], [3, 2], [], [2, 5, 20], [0, 4]];
    const values = normal(200 + 10 + 6 + 1 + 200, 5);
    const { bytes, decoded } = encodeClear(values, PLAN, contextFor(shapes));
    expect(bytes).toHaveLength(1 + 4 * (2 * (20 + 10) + 10 + 6 + 1 + 2 * (10 + 20)));
    expect(decoded.subarray(200, 217)).toEqual(values.subarray(200, 217));
    expect(decoded.subarray(0, 200)).not.toEqual(values.subarray(0, 200));
    // Of 4 x 4, factors of rank 2 are as large as the matrix.
    const square = normal(16, 6);
    expect(encodeClear(square, PLAN, contextFor([[4, 4]])).decoded).toEqual(square);
  });

  it('takes a matrix of zeros, and finds its rank again afterwards', () => {
    const shapes = [[20, 10]];
    const zeros = new Float32Array(200);
    const first = encodeClear(zeros, PLAN, contextFor(shapes));
    expect(first.decoded).toEqual(zeros);
    const values = productOf(normal(40, 7), normal(20, 8), { rows: 20, columns: 10, rank: 2 });
    const second = encodeClear(values, PLAN, {
      ...contextFor(shapes),
      roundNumber: 2,
      feedback: first.memory,
    });
    expect(relativeError(values, second.decoded)).toBeLessThan(1e-6);
  });

  it('loses nothing with feedback: what was decoded and what waits are all that was put in', () => {
    const shapes = [[30, 20], [20]];
    const put = new Float64Array(620);
    const sent = new Float64Array(620);
    let memory: CodecMemory | null = null;
    for (let roundNumber = 1; roundNumber <= 40; roundNumber += 1) {
      const delta = normal(620, roundNumber);
      const carried: Float32Array = withResidual(delta, memory, { roundNumber, expiresAfterRounds: 20 });
      const code = encodeClear(carried, PLAN, { ...contextFor(shapes), roundNumber, feedback: memory });
      for (let i = 0; i < 620; i += 1) {
        put[i] = put[i]! + delta[i]!;
        sent[i] = sent[i]! + code.decoded[i]!;
      }
      memory = code.memory;
    }
    for (let i = 0; i < 620; i += 1) {
      expect(Math.abs(sent[i]! + memory!.residual[i]! - put[i]!)).toBeLessThan(40 * 2 ** -18);
    }
  });

  it('decodes to what the device reads back, bit for bit', () => {
    fc.assert(
      fc.property(
        fc.float32Array({ min: -(2 ** 100), max: 2 ** 100, noNaN: true, minLength: 77, maxLength: 77 }),
        fc.integer({ min: 1, max: 8 }),
        (values, rank) => {
          const context = contextFor([[2, 5, 7], [7]]);
          const plan = { ...PLAN, rank };
          const { bytes, decoded } = encodeClear(values, plan, context);
          expect(decodeClear(bytes, plan, context)).toEqual(decoded);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %d, and what its factors cannot hold', (bad) => {
    const refused = expect.objectContaining({ code: 'codec-not-finite' });
    expect(() => encodeClear(Float32Array.of(1, bad), PLAN, contextFor([[2]]))).toThrow(refused);
    const huge = new Float32Array(200).fill(3e38);
    expect(() => encodeClear(huge, PLAN, contextFor([[20, 10]]))).toThrow(refused);
  });

  it.each([
    ['nothing', () => new Uint8Array(0)],
    ['another rank', (bytes: Uint8Array) => changed(bytes, 0, 3)],
    ['a number that is not finite', (bytes: Uint8Array) => changed(changed(bytes, 4, 0x7f), 3, 0x80)],
    ['a cut-off end', (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ['a byte more', (bytes: Uint8Array) => Uint8Array.of(...bytes, 0)],
  ])('finds a code with %s malformed', (_, damage) => {
    const context = contextFor([[20, 10]]);
    const { bytes } = encodeClear(normal(200, 9), PLAN, context);
    expect(() => decodeClear(damage(bytes), PLAN, context)).toThrow(
      expect.objectContaining({ code: 'codec-malformed' }),
    );
  });
});

function contextFor(shapes: readonly (readonly number[])[]): ClearContext {
  return {
    shapes,
    seed: new Uint8Array(32),
    random: seeded(1),
    roundNumber: 1,
    committedRounds: 0,
    feedback: null,
  };
}

function orthonormal(rows: number, columns: number, seed: number): Float64Array {
  const matrix = Float64Array.from(normal(rows * columns, seed));
  orthonormalise(matrix, columns);
  return matrix;
}

/** left right^T. */
function productOf(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  { rows, columns, rank }: { rows: number; columns: number; rank: number },
): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    return Array.from({ length: rank }, (_, k) => left[i * rank + k]! * right[j * rank + k]!).reduce(
      (a, b) => a + b,
    );
  });
}

function relativeError(values: Float32Array, decoded: Float32Array): number {
  return Math.hypot(...values.map((value, i) => value - decoded[i]!)) / Math.hypot(...values);
}

function changed(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = byte;
  return copy;
}
