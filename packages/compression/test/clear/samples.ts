/** Values and chances for the tests of codes: seeded, so that a failure repeats. */
import type { RandomWords } from '@tributary/compression';

/** xorshift32 (Marsaglia 2003), with its output scrambled: good enough to test with. */
export function seeded(seed: number): RandomWords {
  let state = Math.imul(seed, 0x9e37_79b9) | 1;
  return {
    fill: (words) => {
      for (let i = 0; i < words.length; i += 1) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        words[i] = Math.imul(state, 0x85eb_ca6b) ^ (state >>> 15);
      }
    },
  };
}

/** In (0, 1), from 32 bits. */
export function uniform(length: number, seed: number): Float64Array {
  const words = new Uint32Array(length);
  seeded(seed).fill(words);
  return Float64Array.from(words, (word) => (word + 0.5) / 2 ** 32);
}

/** Standard normal (Box and Muller 1958). */
export function normal(length: number, seed: number): Float32Array<ArrayBuffer> {
  const chances = uniform(2 * length, seed);
  return Float32Array.from(
    { length },
    (_, i) => Math.sqrt(-2 * Math.log(chances[2 * i]!)) * Math.cos(2 * Math.PI * chances[2 * i + 1]!),
  );
}
