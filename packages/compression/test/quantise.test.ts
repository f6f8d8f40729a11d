import { CodecError, createLaneSum, quantise, quantiseInto, type RandomWords } from '@tributary/compression';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const PLAN = { levels: 127, step: 1 / 127 };

describe('stochastic rounding', () => {
  it('has the value as its expectation, and the variance of a coin between two levels', () => {
    // A false alarm of 4 sigma in a normal is 6e-5; 40 values are looked at: once in 400 seeds, and the seed is fixed.
    const count = 20_000;
    const random = seededWords(1);
    for (let k = 0; k < 40; k += 1) {
      const value = Math.fround((k - 20) * 0.0123);
      const exact = value / PLAN.step;
      const share = exact - Math.floor(exact);
      const rounded = quantise(new Float32Array(count).fill(value), { plan: PLAN, scale: 1, random });
      const mean = rounded.reduce((sum, x) => sum + x, 0) / count;
      const variance = rounded.reduce((sum, x) => sum + (x - exact) ** 2, 0) / count;
      const sigma = Math.sqrt(share * (1 - share));
      expect(Math.abs(mean - exact)).toBeLessThanOrEqual((4 * sigma) / Math.sqrt(count) + 1e-9);
      expect(variance).toBeCloseTo(sigma ** 2, 1);
    }
  });

  it('keeps what is smaller than half a level, which rounding to the nearest loses in every participant alike', () => {
    const participants = 1000;
    const value = 0.1 * PLAN.step;
    const random = seededWords(2);
    let sum = 0;
    for (let i = 0; i < participants; i += 1) {
      sum += quantise(Float32Array.of(value), { plan: PLAN, scale: 1, random })[0]!;
    }
    const nearest = participants * Math.round(value / PLAN.step);
    expect(nearest).toBe(0);
    // 100 expected, of standard deviation 9.5.
    expect(Math.abs(sum - 100)).toBeLessThan(4 * 9.5);
  });

  it.each([
    ['the least', 0],
    ['the greatest', 0xffffffff],
  ])(
    'gives the level itself where a value is on one, and stays within the bounds, with %s of words',
    (_, word) => {
      for (const levels of [1, 127, 2 ** 23 - 1]) {
        const plan = { levels, step: 1 / levels };
        const random = { fill: (words: Uint32Array) => words.fill(word) };
        const values = Float32Array.of(-1, 0, 1, -7, 7, 3e38, -3e38);
        const expected = [-levels, 0, levels, -levels, levels, levels, -levels];
        expect([...quantise(values, { plan, scale: 1, random })].map((x) => x + 0)).toEqual(expected);
      }
    },
  );

  it('moves up or down by less than one level, and never beyond the bounds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 24 }),
        fc.float({ min: -4, max: 4, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 0xffffffff }),
        (valueBits, value, scale, word) => {
          const levels = 2 ** (valueBits - 1) - 1;
          const plan = { levels, step: 2 / levels };
          const random = { fill: (words: Uint32Array) => words.fill(word) };
          const level = quantise(Float32Array.of(value), { plan, scale, random })[0]!;
          const exact = Math.min(Math.max((value * scale) / plan.step, -levels), levels);
          expect(Math.abs(level - exact)).toBeLessThan(1 + 1e-6);
          expect(Math.abs(level)).toBeLessThanOrEqual(levels);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %d', (bad) => {
    const values = Float32Array.of(0.5, bad, 0.5);
    const quantisation = { plan: PLAN, scale: 1, random: seededWords(3) };
    expect(() => quantise(values, quantisation)).toThrow(CodecError);
    expect(() => quantiseInto(createLaneSum(3, 16), values, quantisation)).toThrow(CodecError);
  });

  it('asks for at most 65,536 bytes at once, and adds to a vector what it gives as an array', () => {
    const values = Float32Array.from({ length: 40_000 }, (_, i) => Math.sin(i));
    const asked: number[] = [];
    const words = seededWords(4);
    const random: RandomWords = {
      fill: (into) => {
        asked.push(into.byteLength);
        words.fill(into);
      },
    };
    const sum = createLaneSum(values.length, 12);
    quantiseInto(sum, values, { plan: PLAN, scale: 0.7, random });
    expect(Math.max(...asked)).toBe(65_536);
    expect(asked.reduce((total, bytes) => total + bytes)).toBe(4 * values.length);
    expect(sum.signedValues()).toEqual(quantise(values, { plan: PLAN, scale: 0.7, random: seededWords(4) }));
  });
});

/** Mulberry32. */
function seededWords(seed: number): RandomWords {
  let state = seed;
  return {
    fill: (words) => {
      for (let i = 0; i < words.length; i += 1) {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        words[i] = (t ^ (t >>> 14)) >>> 0;
      }
    },
  };
}
