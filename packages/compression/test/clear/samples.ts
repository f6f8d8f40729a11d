/** Values and chances for the tests of codes: seeded, so that a failure repeats. */
import type { ClearContext, RandomWords } from '@tributary/compression';

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

/** Heavy tails: two-sided exponential (Laplace), log-normal with random signs, Student's t with 3 degrees of freedom. */
export const HEAVY_TAILED: Readonly<
  Record<string, (length: number, seed: number) => Float32Array<ArrayBuffer>>
> = {
  Laplace: (length, seed) =>
    Float32Array.from(uniform(length, seed), (chance) =>
      chance < 0.5 ? Math.log(2 * chance) : -Math.log(2 - 2 * chance),
    ),
  'log-normal': (length, seed) =>
    normal(length, seed).map((value, i) => Math.exp(value) * (i % 2 === 0 ? 1 : -1)),
  "Student's t": (length, seed) => {
    const [a, b, c] = [1, 2, 3].map((k) => normal(length, seed + k));
    return normal(length, seed).map(
      (value, i) => value / Math.sqrt((a![i]! ** 2 + b![i]! ** 2 + c![i]! ** 2) / 3),
    );
  },
};

/** |x - decoded|^2 / |x|^2. */
export function lostEnergy(values: Float32Array, decoded: Float32Array): number {
  let lost = 0;
  let all = 0;
  for (let i = 0; i < values.length; i += 1) {
    lost += (values[i]! - decoded[i]!) ** 2;
    all += values[i]! ** 2;
  }
  return lost / all;
}

/** Mean over its standard error: beyond 4 one time in 16,000 when the true mean is 0. */
export function deviationOfMean(errors: ArrayLike<number>): number {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < errors.length; i += 1) {
    sum += errors[i]!;
    squares += errors[i]! ** 2;
  }
  const mean = sum / errors.length;
  const variance = squares / errors.length - mean ** 2;
  return mean === 0 ? 0 : Math.abs(mean) / Math.sqrt(variance / errors.length);
}

export function contextOf(length: number, seed = 1): ClearContext {
  return {
    shapes: [[length]],
    seed: new Uint8Array(32).map((_, i) => (seed >>> (8 * (i % 4))) & 255),
    random: seeded(seed),
    roundNumber: 1,
    committedRounds: 0,
    feedback: null,
  };
}

/** Also of zeros and NaN; quicker than `toEqual` where there are many. */
export function haveSameBits(a: Float32Array, b: Float32Array): boolean {
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
