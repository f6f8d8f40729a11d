/** What rounding costs, against what Vargaftik et al. 2022 and our own measurements of the same schemes say. */
import { createLaneSum, openLinearMap, tunedStep } from '@tributary/compression';
import { describe, expect, it } from 'vitest';
import {
  type Coding,
  codeOf,
  decodedSum,
  errorOf,
  logNormalValues,
  normalValues,
  seedOf,
} from './coded-update.ts';

const LENGTH = 2 ** 16;
const INDEPENDENT = Array.from({ length: 100 }, (_, member) => logNormalValues(LENGTH, member));
const COMMON = logNormalValues(LENGTH, 1000);
/** Correlations of 0.3. */
const HALF_ALIGNED = INDEPENDENT.map((own) => own.map((value, i) => value + 0.65 * COMMON[i]!));

describe('one update of four bits, rotated and cut off where it loses least', () => {
  it.each([
    ['normal', 'stochastic', 0.0205],
    ['normal', 'dithered', 0.0125],
    ['log-normal', 'stochastic', 0.0205],
    ['log-normal', 'dithered', 0.0125],
  ] as const)('%s, %s: loses at most %d', (source, rounding, most) => {
    const values = source === 'normal' ? normalValues(LENGTH, 3) : logNormalValues(LENGTH, 3);
    const seed = seedOf(3);
    const map = openLinearMap({ sampling: { kind: 'all' }, rotation: 'full' }, [[LENGTH]], seed);
    const deviation = Math.hypot(...chunkNorms(values)) / Math.sqrt(LENGTH);
    const errors = [2.3, 2.4, 2.5, 2.6, 2.7, 2.8].map((range) => {
      // 16 levels, as many above zero as below: half a step beside the integers.
      const step = (2 * range * deviation) / 15;
      const coding: Coding = { map, seed, ringBits: 8, step, levels: 8, rounding };
      return errorOf(beside(values, coding, range * deviation), values);
    });
    expect(Math.min(...errors)).toBeLessThanOrEqual(most);
  });
});

describe('the mean of a hundred updates', () => {
  it.each([
    ['independent', 8, 'stochastic', 0.022],
    ['independent', 8, 'dithered', 0.013],
    ['independent', 10, 'stochastic', 0.0022],
    ['independent', 10, 'dithered', 0.0013],
    ['half-aligned', 8, 'stochastic', 0.022],
    ['half-aligned', 8, 'dithered', 0.013],
  ] as const)('%s, in a ring of %i bits, %s: loses at most %d', (likeness, ringBits, rounding, most) => {
    const updates = likeness === 'independent' ? INDEPENDENT : HALF_ALIGNED;
    const members = [...updates.keys()];
    const exact = new Float64Array(LENGTH);
    for (const update of updates) for (let i = 0; i < LENGTH; i += 1) exact[i]! += update[i]!;
    const sumRms = Math.sqrt(exact.reduce((sum, value) => sum + value * value, 0) / LENGTH);
    const tuned = tunedStep({ ringBits, cohort: members.length, sumRms, wrapProbability: 1e-5, rounding });
    if (tuned.kind === 'impossible') throw new Error(tuned.message);
    // Two thirds of an element wrap in one sum, and each is a twentieth of the error: only a mean is steady.
    const rotations = 12;
    let error = 0;
    for (let number = 0; number < rotations; number += 1) {
      const seed = seedOf(number);
      const map = openLinearMap({ sampling: { kind: 'all' }, rotation: 'blocks' }, [[LENGTH]], seed);
      const coding: Coding = { map, seed, ringBits, step: tuned.step, levels: null, rounding };
      const sum = createLaneSum(map.to, ringBits);
      updates.forEach((update, member) => {
        sum.addVector(codeOf(update, member, coding));
      });
      error += errorOf(decodedSum(sum, members, coding), exact) / rotations;
    }
    expect(error).toBeLessThanOrEqual(most);
    expect(Math.abs(error / tuned.expectedNmse - 1)).toBeLessThan(0.2);
  });
});

/** Rotated, cut off at +-range, and rounded to levels half a step beside the integers. */
function beside(values: Float32Array, coding: Coding, range: number): Float32Array {
  const { map, seed, step } = coding;
  const plain = openLinearMap({ sampling: { kind: 'all' }, rotation: 'none' }, [[map.to]], seed);
  const shifted = map.rotate(values).map((value) => Math.min(Math.max(value, -range), range) - step / 2);
  const inPlace = { ...coding, map: plain };
  const decoded = decodedSum(codeOf(shifted, 2, inPlace), [2], inPlace);
  return map.unrotate(decoded.map((value) => value + step / 2));
}

function chunkNorms(values: Float32Array): number[] {
  const norms: number[] = [];
  for (let from = 0; from < values.length; from += 1024)
    norms.push(Math.hypot(...values.subarray(from, from + 1024)));
  return norms;
}
