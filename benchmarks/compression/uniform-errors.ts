/**
 * What rounding to equal steps after a rotation loses of one update: the code that adds up, before anything is added. A lone
 * code has a place for 2^b levels around zero, and its range may cut off what rounding would otherwise lose on all.
 */
import {
  ditherOf,
  openLinearMap,
  philoxWords,
  quantise,
  type Rounding,
  subtractDither,
} from '@tributary/compression';
import type { BenchmarkRow } from '../benchmark.ts';
import { figure } from '../fastest.ts';
import { distortionOf } from './distortion.ts';
import { seedOf } from './seeded-words.ts';
import type { TestVector } from './vectors.ts';

/** In squared steps, of one rounding. */
const ROUNDING_VARIANCE: Readonly<Record<Rounding, number>> = {
  stochastic: 1 / 6,
  dithered: 1 / 12,
};

/** By bits; the best range gives 0.0202 and 0.0119. */
const LIMITS: Readonly<Record<Rounding, Readonly<Record<number, number>>>> = {
  stochastic: { 4: 0.0205 },
  dithered: { 4: 0.0125 },
};
const CODED = 2 ** 20;

export function uniformErrors(vector: TestVector): BenchmarkRow[] {
  return [2, 3, 4, 8].flatMap((bits) =>
    (['stochastic', 'dithered'] as const).map((rounding) => errorOf({ bits, rounding }, vector)),
  );
}

interface Uniform {
  readonly bits: number;
  readonly rounding: Rounding;
}

function errorOf({ bits, rounding }: Uniform, { source, shapes, values }: TestVector): BenchmarkRow {
  const repeats = Math.ceil(CODED / values.length);
  let vNMSE = 0;
  let sentBits = 0;
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const map = openLinearMap({ sampling: { kind: 'all' }, rotation: 'blocks' }, shapes, seedOf(repeat));
    const rotated = map.rotate(values);
    const decoded = roundedTo(rotated, { bits, rounding }, seedOf(repeat));
    vNMSE += distortionOf(values, map.unrotate(decoded)) / repeats;
    sentBits = (bits * map.to) / values.length;
  }
  const limit = LIMITS[rounding][bits] ?? null;
  return {
    family: 'additive',
    code: `uniform, rotated, ${bits} bits, ${rounding}`,
    source,
    elements: values.length,
    bitsPerElement: figure(sentBits),
    vNMSE: figure(vNMSE),
    published: null,
    rateDistortionBound: figure(2 ** (-2 * sentBits)),
    limit,
    meetsLimit: limit === null ? null : vNMSE <= limit,
  };
}

/** Integers of `bits` bits, from -2^(b-1) on: half a step below zero, so that there are as many levels on both sides. */
function roundedTo(rotated: Float32Array, { bits, rounding }: Uniform, seed: Uint8Array): Float32Array {
  const deviation = Math.sqrt(rotated.reduce((sum, value) => sum + value * value, 0) / rotated.length);
  const range = bestRange(bits, ROUNDING_VARIANCE[rounding]) * deviation;
  const step = (2 * range) / (2 ** bits - 1);
  const clipped = rotated.map((value) => Math.min(Math.max(value, -range), range) - step / 2);
  const random = rounding === 'dithered' ? ditherOf(seed, 1) : philoxWords(seed, 2);
  const levels = 2 ** (bits - 1);
  const sent = quantise(clipped, { plan: { levels, step }, scale: 1, random });
  const decoded = Float64Array.from(sent);
  if (rounding === 'dithered') subtractDither(decoded, { seed, streams: [1], bits: bits + 1 });
  return Float32Array.from(decoded, (value) => (value + 0.5) * step);
}

/** In standard deviations of normal coordinates: where rounding and cutting off lose least together. */
function bestRange(bits: number, variance: number): number {
  const lossAt = (range: number) => variance * ((2 * range) / (2 ** bits - 1)) ** 2 + 2 * cutOff(range);
  let [low, high] = [0.1, 8];
  for (let i = 0; i < 60; i += 1) {
    const [left, right] = [low + (high - low) / 3, high - (high - low) / 3];
    if (lossAt(left) < lossAt(right)) high = right;
    else low = left;
  }
  return low;
}

/** The integral of (x - range)^2 over the normal density beyond `range`. */
function cutOff(range: number): number {
  const width = 1e-3;
  let sum = 0;
  for (let x = range + width / 2; x < range + 8; x += width) sum += (x - range) ** 2 * Math.exp((-x * x) / 2);
  return (sum * width) / Math.sqrt(2 * Math.PI);
}
