/** What is looked at of a sum before it is used, to choose the step of the next round. Nothing of anybody. */
import { type RingFill, type Rounding, ringFillOf, tunedStep, wrapAlarm } from '@tributary/compression';
import * as z from 'zod/mini';
import { TributaryError } from '../errors.ts';
import type { AdditivePlan } from '../task/compression-plan.ts';
import type { SumEncoding } from './sum-encoding.ts';

/**
 * `raised`: more elements near the edge of the ring than were planned. The other two make a sum unusable: `severe`, it has
 * wrapped too often; `coarse`, it is less than the rounding that is in it, or all of it was rounded to zero.
 */
export const SUM_ALARMS = ['none', 'raised', 'severe', 'coarse'] as const;

export const sumFactsSchema = z.strictObject({
  /** In force in this round. */
  step: z.number(),
  /** Of the coordinates, where the round fixed it. */
  fraction: z.optional(z.number()),
  /**
   * Root mean square of the sum's elements, rounding included: of weight over largest weight times update. 0 where all
   * integers were, also if a dither was taken off them.
   */
  rms: z.number(),
  /** Fraction of elements beyond nine tenths of the ring's edge. */
  nearEdge: z.number(),
  alarm: z.enum(SUM_ALARMS),
  /** Updates in the sum. */
  count: z.int(),
});
export type SumFacts = z.infer<typeof sumFactsSchema>;

export type TunedPlan = Extract<AdditivePlan, { codec: 'tuned' }>;

export function isUsable({ alarm }: SumFacts): boolean {
  return alarm === 'none' || alarm === 'raised';
}

/** @param sum in steps, as decoded */
export function sumFacts(
  sum: Float64Array,
  round: {
    readonly plan: TunedPlan;
    readonly encoding: SumEncoding;
    readonly maximumCohort: number;
    readonly count: number;
    /** All integers were zero, before any dither was taken off. */
    readonly isNothing: boolean;
    readonly finestStep: number;
  },
): SumFacts {
  const { plan, encoding, maximumCohort, count } = round;
  // Twice it: a machine that computes it anew may be off in the last bit, and must not search for ever.
  const isFinest = encoding.step < 2 * round.finestStep;
  if (round.isNothing)
    return { ...encoding, rms: 0, nearEdge: 0, alarm: isFinest ? 'none' : 'coarse', count };
  const fill = ringFillOf(sum, plan.ringBits);
  return {
    ...encoding,
    rms: fill.rms * encoding.step,
    nearEdge: fill.elements === 0 ? 0 : fill.nearEdge / fill.elements,
    alarm: alarmOf(fill, { plan, count, isFinest, expected: plannedRing(plan, maximumCohort) }),
    count,
  };
}

function alarmOf(
  fill: RingFill,
  round: {
    readonly plan: TunedPlan;
    readonly count: number;
    readonly isFinest: boolean;
    readonly expected: PlannedRing;
  },
): SumFacts['alarm'] {
  const { plan, count, isFinest, expected } = round;
  const seen = wrapAlarm(fill, { ringBits: plan.ringBits, standardDeviations: expected.standardDeviations });
  if (seen === 'severe') return 'severe';
  const noise = roundingVariance(plan.rounding, count);
  const signal = fill.rms ** 2 - noise;
  // A plan of few bits may expect much rounding.
  if (!isFinest && signal * Math.max(1, MUCH_MORE * expected.expectedNmse) < noise) return 'coarse';
  return seen === 'alarm' ? 'raised' : 'none';
}

/** Times what is expected. */
const MUCH_MORE = 4;

/** Of the sum of so many values, in steps: of one rounding 1/6 on average, or 1/12 where its dither is subtracted. */
export function roundingVariance(rounding: Rounding, count: number): number {
  return count / (rounding === 'dithered' ? 12 : 6);
}

export interface PlannedRing {
  /** k: so many of the sum's fit into half the ring. */
  readonly standardDeviations: number;
  /** Mean square error of a sum by rounding and wrapping, over its mean square. */
  readonly expectedNmse: number;
  readonly wrapProbability: number;
  /** Of a sum whose elements have a root mean square of 1. */
  readonly step: number;
}

/** @throws TributaryError `plan-impossible`, saying what would be possible */
export function plannedRing(plan: TunedPlan, maximumCohort: number): PlannedRing {
  const { ringBits, wrapProbability, rounding } = plan;
  const planned = tunedStep({ ringBits, cohort: maximumCohort, wrapProbability, rounding, sumRms: 1 });
  if (planned.kind === 'impossible') throw new TributaryError('plan-impossible', planned.message);
  return planned;
}
