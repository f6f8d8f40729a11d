import type { RandomWords } from '../src/stochastic-rounding.ts';

/** Mulberry32. */
export function seededWords(seed: number): RandomWords {
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
