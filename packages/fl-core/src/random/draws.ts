/** Draws from a `RandomSource`; integer draws are exact on every engine. */
import type { RandomSource } from '../ports/random-source.ts';

/** Uniform integer in [0, bound), bound at most 2^32; by rejection, so without modulo bias. */
export function integerBelow(random: RandomSource, bound: number): number {
  const limit = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const value = random.nextUint32();
    if (value < limit) return value % bound;
  }
}

/** Uniform in [0, 1) with 53 random bits. */
export function unitInterval(random: RandomSource): number {
  const high = random.nextUint32() >>> 5;
  const low = random.nextUint32() >>> 6;
  return (high * 2 ** 26 + low) * 2 ** -53;
}

/** Fisher-Yates, in place; returns its argument. */
export function shuffle<T extends { length: number; [index: number]: unknown }>(
  items: T,
  random: RandomSource,
): T {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = integerBelow(random, i + 1);
    const held = items[i];
    items[i] = items[j];
    items[j] = held;
  }
  return items;
}

/** Standard normal by Box-Muller. Uses `Math.log` and `Math.cos`, so for data and simulation only. */
export function standardNormal(random: RandomSource): number {
  const radius = Math.sqrt(-2 * Math.log(1 - unitInterval(random)));
  return radius * Math.cos(2 * Math.PI * unitInterval(random));
}
