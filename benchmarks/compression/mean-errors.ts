/**
 * What the mean of a hundred updates loses when they are added in a ring of b bits: |mean - decoded|^2 / |mean|^2, with
 * the step that the tuner would choose after a round whose sum was as large. From every member there comes what a tab sends.
 */
import {
  createLaneSum,
  ditherOf,
  type LinearMap,
  openLinearMap,
  philoxWords,
  quantiseInto,
  type RandomWords,
  type RingVector,
  type Rounding,
  subtractDither,
  type TunedStep,
  tunedStep,
} from '@tributary/compression';
import { type RandomSource, seededRandom } from '@tributary/fl-core';
import type { BenchmarkRow } from '../benchmark.ts';
import { figure } from '../fastest.ts';
import { distortionOf } from './distortion.ts';
import { seedOf } from './seeded-words.ts';
import { DISTRIBUTIONS } from './vectors.ts';

const COHORT = 100;
const WRAP_PROBABILITY = 1e-5;
/** Beyond all steps that are sent. */
const UNCLIPPED = 2 ** 22;

/** By bits of the ring. */
const LIMITS: Readonly<Record<Rounding, Readonly<Record<number, number>>>> = {
  stochastic: { 8: 0.022, 10: 0.0022 },
  dithered: { 8: 0.013, 10: 0.0013 },
};

/** Correlation between the updates of two members. */
const ALIGNMENTS = { uncorrelated: 0, 'half-aligned': 0.3, identical: 1 } as const;

export interface MeanCase {
  readonly length: number;
  readonly alignment: keyof typeof ALIGNMENTS;
}

/** Coordinates of the mean that a figure is taken from, at least: a single wrapped one counts for a thousandth of it. */
const DECODED = 2 ** 18;

export function meanErrors(of: MeanCase): BenchmarkRow[] {
  const sum = new Float64Array(of.length);
  for (let member = 0; member < COHORT; member += 1) {
    const update = updateOf(of, member);
    for (let i = 0; i < sum.length; i += 1) sum[i]! += update[i]!;
  }
  const sumRms = Math.sqrt(sum.reduce((energy, value) => energy + value * value, 0) / sum.length);
  const rounds = Array.from({ length: Math.ceil(DECODED / of.length) }, (_, round) =>
    openRound(of.length, seedOf(of.length + round), sumRms),
  );
  for (let member = 0; member < COHORT; member += 1) {
    const update = updateOf(of, member);
    for (const round of rounds) sendTo(round, update, member);
  }
  return rounds[0]!.sums.map(({ ringBits, rounding, tuned }, at) => {
    const lost = rounds.map(({ map, seed, sums }) => distortionOf(sum, decoded(map, seed, sums[at]!)));
    const nmse = lost.reduce((total, one) => total + one, 0) / lost.length;
    const limit = LIMITS[rounding][ringBits] ?? null;
    return {
      family: 'additive',
      code: `tuned, rotated, ring of ${ringBits} bits, ${rounding}`,
      source: `mean of ${COHORT}, log-normal, ${of.alignment}`,
      elements: of.length,
      bitsPerElement: figure((ringBits * rounds[0]!.map.to) / of.length),
      vNMSE: figure(nmse),
      published: null,
      expected: figure(tuned.expectedNmse),
      limit,
      meetsLimit: limit === null ? null : nmse <= limit,
    };
  });
}

interface Round {
  readonly seed: Uint8Array;
  readonly map: LinearMap;
  readonly sums: readonly RoundSum[];
}

interface RoundSum {
  readonly ringBits: number;
  readonly rounding: Rounding;
  readonly tuned: TunedStep;
  readonly ring: RingVector;
}

function openRound(length: number, seed: Uint8Array, sumRms: number): Round {
  const map = openLinearMap({ sampling: { kind: 'all' }, rotation: 'blocks' }, [[length]], seed);
  const sums = [6, 8, 10, 12].flatMap((ringBits) =>
    (['stochastic', 'dithered'] as const).map((rounding): RoundSum => {
      const plan = { ringBits, rounding, cohort: COHORT, sumRms, wrapProbability: WRAP_PROBABILITY };
      const tuned = tunedStep(plan);
      if (tuned.kind === 'impossible') throw new Error(tuned.message);
      return { ringBits, rounding, tuned, ring: createLaneSum(map.to, ringBits) };
    }),
  );
  return { seed, map, sums };
}

function sendTo({ seed, map, sums }: Round, update: Float32Array, member: number): void {
  const rotated = map.rotate(map.sample(update));
  for (const { ring, rounding, tuned } of sums) {
    const random = wordsOf(rounding, seed, member);
    const own = createLaneSum(map.to, ring.bits);
    quantiseInto(own, rotated, { plan: { levels: UNCLIPPED, step: tuned.step }, scale: 1, random });
    ring.addPacked(own.packed());
  }
}

/** A part that all have, and a part of its own, in such shares that the correlation is as wanted. */
function updateOf({ length, alignment }: MeanCase, member: number): Float32Array {
  const correlation = ALIGNMENTS[alignment];
  const [shared, own] = [Math.sqrt(correlation), Math.sqrt(1 - correlation)];
  const common = seededRandom(`common ${length}`);
  const random = seededRandom(`member ${member} of ${length}`);
  const draw = DISTRIBUTIONS['log-normal'];
  const drawn = (share: number, source: RandomSource) => (share === 0 ? 0 : share * draw(source));
  return Float32Array.from({ length }, () => drawn(shared, common) + drawn(own, random));
}

function wordsOf(rounding: Rounding, seed: Uint8Array, member: number): RandomWords {
  return rounding === 'dithered' ? ditherOf(seed, member) : philoxWords(seed, 1000 + member);
}

function decoded(map: LinearMap, seed: Uint8Array, { ring, rounding, tuned }: RoundSum): Float32Array {
  const values = Float64Array.from(ring.signedValues());
  if (rounding === 'dithered') {
    const streams = Array.from({ length: COHORT }, (_, member) => member);
    subtractDither(values, { seed, streams, bits: ring.bits });
  }
  return map.estimate(map.unrotate(Float32Array.from(values, (value) => value * tuned.step)));
}
