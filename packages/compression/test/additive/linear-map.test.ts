import { type LinearPlan, linearMapLengths, openLinearMap, philoxWords } from '@tributary/compression';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rotationShape } from '../../src/additive/linear-lengths.ts';
import { openRotation } from '../../src/additive/rotation.ts';

const SHAPES = [[6, 5], [5], [5, 8], [8], [8, 3], [3]];
const LENGTH = 30 + 5 + 40 + 8 + 24 + 3;

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
const samplings = fc.oneof(
  fc.constant({ kind: 'all' } as const),
  fc.record({
    kind: fc.constantFrom('random-k', 'neurons'),
    fraction: fc.double({ min: 0.01, max: 1, noNaN: true }),
  }),
  fc.record({ kind: fc.constant('low-rank'), rank: fc.integer({ min: 1, max: 9 }) }),
);
const plans: fc.Arbitrary<LinearPlan> = fc.record({
  sampling: samplings,
  rotation: fc.constantFrom('none', 'blocks', 'full'),
});

describe('a linear map', () => {
  it('has the lengths that both sides know before the seed', () => {
    fc.assert(
      fc.property(plans, seeds, (plan, seed) => {
        const map = openLinearMap(plan, SHAPES, seed);
        expect({ from: map.from, kept: map.kept, to: map.to }).toEqual(linearMapLengths(plan, SHAPES));
        const sampled = map.sample(values(LENGTH, seed));
        expect(sampled.length).toBe(map.kept);
        expect(map.rotate(sampled).length).toBe(map.to);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps lengths and angles in rotation, comes back by its inverse, and is linear', () => {
    fc.assert(
      fc.property(plans, seeds, (plan, seed) => {
        const map = openLinearMap(plan, SHAPES, seed);
        const [x, y] = [values(map.kept, seed, 1), values(map.kept, seed, 2)];
        expect(dot(map.rotate(x), map.rotate(y))).toBeCloseTo(dot(x, y), 4);
        expectClose(map.unrotate(map.rotate(x)), x);
        const sum = Float32Array.from(x, (value, i) => value + y[i]!);
        const [rotatedX, rotatedY] = [map.rotate(x), map.rotate(y)];
        expectClose(
          map.rotate(sum),
          rotatedX.map((value, i) => value + rotatedY[i]!),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('has an adjoint of each step: <A x, y> = <x, A* y>', () => {
    fc.assert(
      fc.property(plans, seeds, (plan, seed) => {
        const map = openLinearMap(plan, SHAPES, seed);
        const [all, kept, sent] = [
          values(LENGTH, seed, 1),
          values(map.kept, seed, 2),
          values(map.to, seed, 3),
        ];
        expect(dot(map.sample(all), kept)).toBeCloseTo(dot(all, map.spread(kept)), 4);
        expect(dot(map.rotate(kept), sent)).toBeCloseTo(dot(kept, map.unrotate(sent)), 4);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves what it was given as it was', () => {
    const seed = new Uint8Array(32).fill(5);
    for (const rotation of ['none', 'blocks', 'full'] as const) {
      const map = openLinearMap({ sampling: { kind: 'all' }, rotation }, SHAPES, seed);
      const x = values(LENGTH, seed);
      const before = x.slice();
      map.rotate(map.sample(x)).fill(0);
      map.sample(x).fill(0);
      expect(x).toEqual(before);
    }
  });

  it.each([
    { kind: 'random-k', fraction: 0.3 },
    { kind: 'neurons', fraction: 0.6 },
    { kind: 'low-rank', rank: 2 },
  ] as const)('estimates without bias from a sample ($kind)', (sampling) => {
    // Of 110 elements none is 4.5 standard errors off but once in 1,300 sets of seeds; these are fixed.
    const x = values(LENGTH, new Uint8Array(32));
    const rounds = 2000;
    const [sum, squares] = [new Float64Array(LENGTH), new Float64Array(LENGTH)];
    for (let round = 0; round < rounds; round += 1) {
      const map = openLinearMap({ sampling, rotation: 'none' }, SHAPES, seedOf(round));
      const estimate = map.estimate(map.sample(x));
      for (const [i, value] of estimate.entries()) {
        sum[i]! += value;
        squares[i]! += value * value;
      }
    }
    for (let i = 0; i < LENGTH; i += 1) {
      const mean = sum[i]! / rounds;
      const error = Math.sqrt(Math.max(squares[i]! / rounds - mean * mean, 0) / rounds);
      expect(Math.abs(mean - x[i]!)).toBeLessThanOrEqual(4.5 * error + 1e-6);
    }
  });
});

describe('random coordinates', () => {
  it('[C-10] are exactly the rounded fraction, at least one, each as often as any other', () => {
    const shapes = [[40]];
    const counts = new Uint32Array(40);
    const rounds = 4000;
    for (let round = 0; round < rounds; round += 1) {
      const map = openLinearMap(
        { sampling: { kind: 'random-k', fraction: 0.1 }, rotation: 'none' },
        shapes,
        seedOf(round),
      );
      const chosen = map.spread(new Float32Array(map.kept).fill(1));
      for (const [i, value] of chosen.entries()) counts[i]! += value;
      expect(chosen.reduce((sum, value) => sum + value)).toBe(4);
    }
    // Each is chosen 400 times, of standard deviation 19.
    for (const count of counts) expect(Math.abs(count - rounds / 10)).toBeLessThan(4.5 * 19);
    const lengths = linearMapLengths({ sampling: { kind: 'random-k', fraction: 0.001 }, rotation: 'none' }, [
      [5],
    ]);
    expect(lengths.kept).toBe(1);
  });
});

describe('sampled neurons', () => {
  it('[C-10] are whole units: the same of a kernel and its bias, and all of the last layer', () => {
    const map = openLinearMap(
      { sampling: { kind: 'neurons', fraction: 0.5 }, rotation: 'none' },
      SHAPES,
      seedOf(7),
    );
    const sent = map.spread(new Float32Array(map.kept).fill(1));
    const [first, second, last] = [sent.subarray(0, 35), sent.subarray(35, 83), sent.subarray(83)];
    for (const [layer, units, kept] of [
      [first, 5, 3],
      [second, 8, 4],
      [last, 3, 3],
    ] as const) {
      const unit = layer.subarray(0, units);
      expect(unit.reduce((sum, value) => sum + value)).toBe(kept);
      for (let row = 0; row < layer.length; row += units) {
        expect(layer.subarray(row, row + units)).toEqual(unit);
      }
    }
  });
});

describe('the rotation', () => {
  it.each(['full', 'blocks'] as const)(
    '[C-11] is the Hadamard matrix with signs, written out (%s)',
    (kind) => {
      for (const length of [1, 2, 255, 257, 700, 5000]) {
        const seed = seedOf(length);
        const { blockLength, blocks } = rotationShape(kind, length);
        const { to, rotate } = openRotation(kind, length, seed);
        const x = values(length, seed);
        const signs = signsOf(to, seed);
        const rotated = rotate(x);
        // All rows of few, some of many.
        const stride = Math.max(1, Math.floor(to / 300));
        for (let i = 0; i < to; i += stride) {
          const [row, block] = [Math.floor(i / blocks), i % blocks];
          let exact = 0;
          for (let column = 0; column < blockLength; column += 1) {
            const from = column * blocks + block;
            exact += hadamard(row, column) * signs[from]! * (x[from] ?? 0);
          }
          expect(rotated[i]).toBeCloseTo(exact / Math.sqrt(blockLength), 4);
        }
      }
    },
  );

  it('makes a single large value as small as all others', () => {
    const { to, rotate } = openRotation('full', 1000, seedOf(1));
    const spike = new Float32Array(1000);
    spike[123] = 32;
    for (const value of rotate(spike)) expect(Math.abs(value)).toBeCloseTo(32 / Math.sqrt(to), 4);
  });

  it.each([
    [199_210, { blockLength: 1024, blocks: 195 }],
    [1_048_576, { blockLength: 4096, blocks: 256 }],
    [1_663_370, { blockLength: 4096, blocks: 407 }],
    [300, { blockLength: 512, blocks: 1 }],
    [0, { blockLength: 1, blocks: 0 }],
  ])('[C-11] in blocks pads %i elements by little', (length, shape) => {
    expect(rotationShape('blocks', length)).toEqual(shape);
  });
});

function hadamard(row: number, column: number): number {
  let bits = row & column;
  let parity = 0;
  for (; bits > 0; bits >>>= 1) parity ^= bits & 1;
  return parity === 0 ? 1 : -1;
}

function signsOf(count: number, seed: Uint8Array): number[] {
  const words = new Uint32Array(Math.ceil(count / 32));
  philoxWords(seed, 2 ** 32).fill(words);
  return Array.from({ length: count }, (_, i) =>
    (words[Math.floor(i / 32)]! >>> (i % 32)) % 2 === 1 ? -1 : 1,
  );
}

function seedOf(number: number): Uint8Array {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, number, true);
  return seed;
}

function values(length: number, seed: Uint8Array, stream = 9): Float32Array {
  const words = new Uint32Array(length);
  philoxWords(seed, stream).fill(words);
  return Float32Array.from(words, (word) => word / 2 ** 31 - 1);
}

function dot(x: Float32Array, y: Float32Array): number {
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0);
}

function expectClose(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  const worst = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
  expect(worst).toBeLessThan(1e-5);
}
