/** One member's update as it goes into a sum, and what a sum is read as: the parts, put together as a round does. */
import {
  createLaneSum,
  ditherOf,
  type LinearMap,
  philoxWords,
  quantiseInto,
  type RingVector,
  type Rounding,
  subtractDither,
} from '@tributary/compression';

export interface Coding {
  readonly map: LinearMap;
  readonly seed: Uint8Array;
  readonly ringBits: number;
  readonly step: number;
  readonly levels: number | null;
  readonly rounding: Rounding;
}

export function codeOf(values: Float32Array, member: number, coding: Coding): RingVector {
  const { map, seed, ringBits, step, levels, rounding } = coding;
  const code = createLaneSum(map.to, ringBits);
  // Private in a tab; of a seed of its own here, so that a failure happens again.
  const random = rounding === 'dithered' ? ditherOf(seed, member) : philoxWords(seed.toReversed(), member);
  quantiseInto(code, map.rotated(map.sample(values)), { plan: { step, levels }, scale: 1, random });
  return code;
}

/** In the unit of the update, before the sample is spread. */
export function decodedSum(sum: RingVector, members: readonly number[], coding: Coding): Float32Array {
  const { map, seed, ringBits, step, rounding } = coding;
  const values = Float64Array.from(sum.signedValues());
  if (rounding === 'dithered') subtractDither(values, { seed, streams: members, bits: ringBits });
  return map.unrotate(Float32Array.from(values, (value) => value * step));
}

/** Sum of squared differences over the sum of squares. */
export function errorOf(actual: ArrayLike<number>, exact: ArrayLike<number>): number {
  let [error, energy] = [0, 0];
  for (let i = 0; i < exact.length; i += 1) {
    error += (actual[i]! - exact[i]!) ** 2;
    energy += exact[i]! ** 2;
  }
  return error / energy;
}

export function seedOf(number: number): Uint8Array {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, number, true);
  new DataView(seed.buffer).setUint32(28, ~number, true);
  return seed;
}

/** Box and Muller 1958. */
export function normalValues(length: number, stream: number): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(2 * length);
  philoxWords(seedOf(1), stream).fill(words);
  return Float32Array.from({ length }, (_, i) => {
    const radius = Math.sqrt(-2 * Math.log((words[2 * i]! + 1) / 2 ** 32));
    return radius * Math.cos((2 * Math.PI * words[2 * i + 1]!) / 2 ** 32);
  });
}

/** Magnitudes whose logarithms are normal, with signs by chance. */
export function logNormalValues(length: number, stream: number): Float32Array<ArrayBuffer> {
  const signs = normalValues(length, stream + 2 ** 31);
  return normalValues(length, stream).map((x, i) => Math.sign(signs[i]!) * Math.exp(x));
}
