import { CodecError, createLaneSum, openLinearMap, type Rounding } from '@tributary/compression';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Coding, codeOf, decodedSum, normalValues, seedOf } from './coded-update.ts';

const SHAPES = [[9, 7], [7], [7, 4], [4]];
const LENGTH = 63 + 7 + 28 + 4;

const codings: fc.Arbitrary<Coding> = fc
  .record({
    seed: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    sampling: fc.constantFrom(
      { kind: 'all' } as const,
      { kind: 'random-k', fraction: 0.4 } as const,
      { kind: 'neurons', fraction: 0.5 } as const,
      { kind: 'low-rank', rank: 2 } as const,
    ),
    rotation: fc.constantFrom('none', 'blocks', 'full'),
    ringBits: fc.integer({ min: 1, max: 32 }),
    step: fc.double({ min: 1e-3, max: 3, noNaN: true }),
    levels: fc.option(fc.integer({ min: 1, max: 2 ** 23 })),
    rounding: fc.constantFrom<Rounding>('stochastic', 'dithered'),
  })
  .map(({ sampling, rotation, ...coding }) => ({
    ...coding,
    map: openLinearMap({ sampling, rotation }, SHAPES, coding.seed),
  }));

describe('coded updates', () => {
  it('add up: a sum of codes is read as the sum of what each is read as, exactly, wherever it wraps', () => {
    fc.assert(
      fc.property(codings, fc.integer({ min: 1, max: 6 }), (coding, members) => {
        const sum = createLaneSum(coding.map.to, coding.ringBits);
        const expected = new Array<bigint>(coding.map.to).fill(0n);
        for (let member = 0; member < members; member += 1) {
          const code = codeOf(normalValues(LENGTH, member), member, coding);
          sum.addPacked(code.packed());
          for (const [i, value] of code.signedValues().entries()) expected[i]! += BigInt(value);
        }
        const wrapped = expected.map((value) => Number(BigInt.asIntN(coding.ringBits, value)));
        expect([...sum.signedValues()]).toEqual(wrapped);
      }),
      { numRuns: 100 },
    );
  });

  it('are off by less than a step at each element, half of one where the dither is subtracted, in ring that holds them', () => {
    fc.assert(
      fc.property(codings, (chosen) => {
        const coding = { ...chosen, ringBits: 32, levels: null };
        const { map, step, rounding } = coding;
        const values = normalValues(LENGTH, 1);
        const sampled = map.sample(values);
        const decoded = decodedSum(codeOf(values, 3, coding), [3], coding);
        const rotatedError = map.rotate(Float32Array.from(decoded, (value, i) => value - sampled[i]!));
        // A rotation there and back in float32 costs a little.
        const most = (rounding === 'dithered' ? step / 2 : step) + 1e-5;
        if (map.blocks === map.to)
          for (const error of rotatedError) expect(Math.abs(error)).toBeLessThan(most);
        // What falls on padding is dropped, and can only make the rest smaller.
        const norm = Math.hypot(...rotatedError);
        expect(norm).toBeLessThan(most * Math.sqrt(map.to));
      }),
      { numRuns: 100 },
    );
  });

  it.each(['stochastic', 'dithered'] as const)(
    'have no bias (%s): a million values, each somewhere else between two steps',
    (rounding) => {
      const length = 2 ** 20;
      const seed = seedOf(77);
      const map = openLinearMap({ sampling: { kind: 'all' }, rotation: 'blocks' }, [[length]], seed);
      const coding = { map, seed, ringBits: 16, step: 0.05, levels: null, rounding };
      const values = normalValues(length, 5);
      const decoded = decodedSum(codeOf(values, 9, coding), [9], coding);
      let [bias, squares, along] = [0, 0, 0];
      for (let i = 0; i < length; i += 1) {
        const error = decoded[i]! - values[i]!;
        bias += error;
        squares += error * error;
        along += error * values[i]!;
      }
      const deviation = Math.sqrt(squares / length);
      const variance = { stochastic: 1 / 6, dithered: 1 / 12 }[rounding];
      expect(deviation / (coding.step * Math.sqrt(variance))).toBeCloseTo(1, 2);
      // Neither towards one side, nor towards zero: four standard errors, once in 16,000 seeds.
      expect(Math.abs(bias)).toBeLessThan(4 * deviation * Math.sqrt(length));
      expect(Math.abs(along)).toBeLessThan(4 * deviation * Math.sqrt(length));
    },
  );

  it.each([0, 1])('exist of %i elements', (length) => {
    const seed = seedOf(1);
    for (const rotation of ['none', 'blocks', 'full'] as const) {
      for (const kind of ['all', 'random-k'] as const) {
        const map = openLinearMap({ sampling: { kind, fraction: 0.5 }, rotation }, [[length]], seed);
        const coding = { map, seed, ringBits: 24, step: 1e-3, levels: null, rounding: 'stochastic' } as const;
        const decoded = decodedSum(codeOf(new Float32Array(length).fill(0.7), 1, coding), [1], coding);
        expect(decoded.length).toBe(length);
        for (const value of decoded) expect(Math.abs(value - 0.7)).toBeLessThan(0.02);
      }
    }
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'are refused of %d, wherever it is',
    (bad) => {
      const seed = seedOf(1);
      // Plainly, and by kernels.
      for (const length of [300, 100_000]) {
        for (const rotation of ['none', 'blocks', 'full'] as const) {
          const map = openLinearMap({ sampling: { kind: 'all' }, rotation }, [[length]], seed);
          for (const levels of [null, 7]) {
            const coding = { map, seed, ringBits: 8, step: 1, levels, rounding: 'stochastic' } as const;
            const values = new Float32Array(length);
            values[length - 3] = bad;
            expect(() => codeOf(values, 1, coding)).toThrow(CodecError);
            expect(() => codeOf(values, 1, coding)).toThrow(
              expect.objectContaining({ code: 'codec-not-finite' }),
            );
          }
        }
      }
    },
  );
});
