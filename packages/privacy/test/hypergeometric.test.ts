import { describe, expect, test } from 'vitest';
import { type Draw, tailsOf } from '../src/secagg/hypergeometric.ts';
import { binomial } from './exact-probabilities.ts';

/** 6 s 2^-53 of the docstring, for a support of s counts. */
const errorBound = (support: number) => (6 * support) / 2 ** 53;

describe('hypergeometric tails', () => {
  test('are those of exact rational arithmetic, to the error that is promised', () => {
    for (const draw of [
      { population: 100, marked: 10, drawn: 32 },
      { population: 100, marked: 70, drawn: 36 },
      { population: 91, marked: 91, drawn: 32 },
      { population: 50, marked: 0, drawn: 16 },
      { population: 12, marked: 7, drawn: 9 },
      { population: 500, marked: 450, drawn: 94 },
      { population: 1000, marked: 100, drawn: 254 },
      { population: 1000, marked: 700, drawn: 462 },
    ]) {
      expectExact(draw);
    }
  });

  test('are zero and one outside of what can happen', () => {
    const tails = tailsOf({ population: 10, marked: 8, drawn: 5 });
    expect([tails.lowest, tails.highest]).toEqual([3, 5]);
    expect([tails.atLeast(6), tails.below(3), tails.atLeast(3), tails.below(6)]).toEqual([0, 0, 1, 1]);
  });
});

function expectExact(draw: Draw): void {
  const { population, marked, drawn } = draw;
  const tails = tailsOf(draw);
  const ways = (x: number) => binomial(marked, x) * binomial(population - marked, drawn - x);
  const all = binomial(population, drawn);
  let below = 0n;
  for (let x = tails.lowest; x <= tails.highest; x += 1) {
    expectClose(tails.below(x), [below, all]);
    expectClose(tails.atLeast(x), [all - below, all]);
    below += ways(x);
  }
  expect(below).toBe(all);

  function expectClose(actual: number, [numerator, denominator]: [bigint, bigint]): void {
    // A hundred bits more than float64 has, so that the quotient is the reference and not its rounding.
    const exact = (numerator << 1200n) / denominator;
    if (exact < 1n << 300n) {
      expect(actual).toBeLessThan(2 ** -898);
      return;
    }
    const measured = BigInt(actual * 2 ** 900 * 2 ** 100) << 200n;
    const difference = measured > exact ? measured - exact : exact - measured;
    expect(Number((difference << 80n) / exact) / 2 ** 80).toBeLessThan(
      errorBound(tails.highest - tails.lowest + 1),
    );
  }
}
