import { decodeModel, encodeModel, gridSteps, roundToGrid } from '@tributary/compression';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entropyOf, normal, uniform } from './models.ts';

const bitsOf = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);
/** Quicker than what `toEqual` does with many values. */
const isSame = (left: Uint32Array, right: Uint32Array): boolean =>
  left.length === right.length && left.every((value, i) => value === right[i]);

function roundTrip(values: Float32Array, sizes: readonly number[], base: Float32Array | null): Uint8Array {
  const coded = encodeModel(values, { sizes, base });
  expect(isSame(bitsOf(decodeModel(coded, { sizes, base })), bitsOf(values))).toBe(true);
  return coded;
}

/** Every finite float32, each bit pattern alike: subnormal ones and both zeros among them. */
const anyFloat = fc
  .oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.constantFrom(0, -(2 ** 31), 1, -(2 ** 31) + 1))
  .map((bits) => new Float32Array(Int32Array.of(bits).buffer)[0]!)
  .filter(Number.isFinite);
const onGrid = fc
  .tuple(
    fc.integer({ min: -140, max: 100 }),
    fc.array(fc.integer({ min: -(2 ** 24), max: 2 ** 24 }), { maxLength: 60 }),
  )
  .map(([exponent, steps]) => steps.map((step) => Math.fround(step * 2 ** exponent)));
const anyModel = fc
  .oneof(fc.array(anyFloat, { maxLength: 60 }), onGrid)
  .map((values) => Float32Array.from(values));

describe('the code of a model', () => {
  it('gives back every finite value bit for bit, negative zeros and subnormal ones included', () => {
    fc.assert(
      fc.property(anyModel, (values) => {
        const coded = roundTrip(values, [values.length], null);
        expect(coded.length).toBeLessThanOrEqual(4 * values.length + 1);
      }),
      { numRuns: 1000 },
    );
  });

  it('does so against any base, near or far', () => {
    fc.assert(
      fc.property(anyModel, anyModel, fc.boolean(), (values, other, isNear) => {
        const base = values.map((value, i) => (isNear && i % 3 !== 0 ? value : (other[i] ?? 0)));
        const coded = roundTrip(values, [values.length], base);
        expect(coded.length).toBeLessThanOrEqual(4 * values.length + 1);
      }),
      { numRuns: 1000 },
    );
  });

  it('cuts each tensor into chunks, and pays one byte for a chunk that did not change', () => {
    const base = normal(200_000, { deviation: 0.1, seed: 1 });
    const values = base.slice();
    values[70_000] = 3;
    const coded = roundTrip(values, [65_536, 134_464], base);
    // Chunks of the second tensor begin at 65,536, 131,072 and 196,608.
    expect(coded.length).toBeLessThan(2000);
    expect([coded[0], coded.at(-2), coded.at(-1)]).toEqual([0, 0, 0]);
    expect(encodeModel(base, { sizes: [65_536, 134_464], base })).toEqual(Uint8Array.of(0, 0, 0, 0));
  });

  it('is empty where the model is', () => {
    expect(encodeModel(new Float32Array(), { sizes: [0, 0], base: null })).toEqual(new Uint8Array());
    expect(decodeModel(new Uint8Array(), { sizes: [], base: null })).toEqual(new Float32Array());
  });

  it.each([Number.NaN, Number.NEGATIVE_INFINITY])('refuses %s, in the model and in its base', (value) => {
    const [good, bad] = [Float32Array.of(1, 2), Float32Array.of(1, value)];
    for (const [values, base] of [
      [bad, null],
      [bad, good],
      [good, bad],
    ] as const) {
      expect(() => encodeModel(values, { sizes: [2], base })).toThrow(
        expect.objectContaining({ code: 'codec-not-finite' }),
      );
    }
  });
});

describe('the size of a coded model', () => {
  const SIZE = 50_000;
  const SHAPES = [[SIZE, 1]];
  const bitsEach = (coded: Uint8Array) => (8 * coded.length) / SIZE;

  it.each([4, 6, 8, 10, 12])('of a snapshot on a grid of %i bits is nearly its entropy', (bits) => {
    for (const deviation of [0.05, 0.07]) {
      const values = normal(SIZE, { deviation, seed: bits });
      const model = roundToGrid(values, SHAPES, gridSteps(values, SHAPES, { bits, previous: null }));
      const coded = roundTrip(model, [SIZE], null);
      expect(bitsEach(coded)).toBeLessThan(1.03 * entropyOf(model));
      expect(bitsEach(coded)).toBeLessThanOrEqual(bits + 0.2);
    }
  });

  it('of one small round on a grid is far less than that of a snapshot', () => {
    const values = normal(SIZE, { deviation: 0.06, seed: 1 });
    const steps = gridSteps(values, SHAPES, { bits: 6, previous: null });
    const change = normal(SIZE, { deviation: 0.0006, seed: 2 });
    const moved = values.map((value, i) => value + change[i]!);
    const before = roundToGrid(values, SHAPES, steps);
    const after = roundToGrid(moved, SHAPES, gridSteps(moved, SHAPES, { bits: 6, previous: steps }));
    const coded = roundTrip(after, [SIZE], before);
    expect(bitsEach(coded)).toBeLessThan(1);
    expect(bitsEach(coded)).toBeLessThan(1.05 * entropyOf(after.map((value, i) => value - before[i]!)));
  });

  it('stays small when the grid became coarser or finer', () => {
    const values = normal(SIZE, { deviation: 0.06, seed: 3 });
    const [fine, coarse] = [-10, -9].map((step) => roundToGrid(values, SHAPES, Int16Array.of(step)));
    expect(bitsEach(roundTrip(coarse!, [SIZE], fine!))).toBeLessThan(2);
    expect(bitsEach(roundTrip(fine!, [SIZE], coarse!))).toBeLessThan(2);
  });

  it('of float32 values is less than theirs, and still less against the model before', () => {
    const base = normal(SIZE, { deviation: 0.05, seed: 4 });
    const change = normal(SIZE, { deviation: 0.0005, seed: 5 });
    const values = base.map((value, i) => value + change[i]!);
    const alone = roundTrip(values, [SIZE], null);
    const against = roundTrip(values, [SIZE], base);
    expect(bitsEach(alone)).toBeLessThan(28);
    expect(bitsEach(against)).toBeLessThan(bitsEach(alone) - 4);
  });

  it('is never more than that of the values and a byte for each chunk', () => {
    const next = uniform(6);
    const noise = () => {
      const bits = Uint32Array.from({ length: 100_000 }, () => next() * 2 ** 32);
      return new Float32Array(bits.buffer).map((value) => (Number.isFinite(value) ? value : 0));
    };
    expect(roundTrip(noise(), [100_000], noise()).length).toBeLessThanOrEqual(400_002);
  });
});
