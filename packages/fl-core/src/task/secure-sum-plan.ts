/**
 * What tab and coordinator compute from the manifest about sums of additive updates, masked or not. Neither takes any of
 * it from a message.
 */
import { type RingPlan, ringPlan } from '@tributary/compression';
import type { VectorShape } from '@tributary/privacy';
import { TributaryError } from '../errors.ts';
import { parameterCount, type TensorShape } from '../parameters.ts';
import type { RingFrameLayout } from '../wire/ring-frame.ts';
import type { AdditivePlan } from './compression-plan.ts';
import type { TaskManifest } from './manifest.ts';
import { inviteCount } from './round-plan.ts';

/** What of a manifest matters for its sums. */
export type SumManifest = Pick<
  TaskManifest,
  'rounds' | 'aggregation' | 'privacy' | 'compression' | 'secureAggregation'
>;

/**
 * Counts that travel with the update, in a ring of their own that they cannot wrap: how many updates, their weights, and
 * how the round's model did on the members' held-out examples (how many, how many right, sum of losses).
 */
export const TAIL_FIELDS = [
  'count',
  'weight',
  'evaluatedExamples',
  'evaluatedCorrect',
  'evaluatedLoss',
] as const;
export type TailField = (typeof TAIL_FIELDS)[number];

const TAIL_BITS = 32;
/** Sums of a tail stay below this, so they are the same read with or without a sign. */
const TAIL_LIMIT = 2 ** 31 - 1;
/** Of one example, in nats; a larger one counts as this. */
export const MAXIMUM_TAIL_LOSS = 100;

export interface SumPlan {
  readonly ring: RingPlan;
  readonly layout: RingFrameLayout;
  /** The update, then its tail. */
  readonly vectors: readonly [VectorShape, VectorShape];
  /** w_max: the weight whose update is sent unscaled. */
  readonly maximumWeight: number;
  /** Held-out examples of one member that count; of more, a part that is as good as the whole. */
  readonly maximumEvaluated: number;
}

/** @throws TributaryError `plan-impossible`; a manifest that was checked has a plan, unless it sends float32 */
export function sumPlan(manifest: SumManifest, shapes: readonly TensorShape[]): SumPlan {
  const { compression, rounds, aggregation, secureAggregation } = manifest;
  if (compression.codec !== 'quantised') {
    throw new TributaryError('plan-impossible', 'updates in float32 are not summed in a ring');
  }
  const length = parameterCount(shapes);
  const ring = ringOf(compression, { maximumCohort: inviteCount(rounds), length });
  if (ring.kind === 'impossible') throw new TributaryError('plan-impossible', ring.message);
  const tailLength = TAIL_FIELDS.length;
  const isMasked = secureAggregation.mode !== 'off';
  return {
    ring,
    layout: { isMasked, length, bits: ring.bits, tailLength },
    vectors: [
      { bits: ring.bits, length },
      { bits: TAIL_BITS, length: tailLength },
    ],
    maximumWeight: aggregation.weighting === 'equal' ? 1 : aggregation.maximumWeight,
    maximumEvaluated: Math.floor(TAIL_LIMIT / inviteCount(rounds) / MAXIMUM_TAIL_LOSS),
  };
}

export function ringOf(
  { valueBits, bound, ring }: Extract<AdditivePlan, { codec: 'quantised' }>,
  cohort: { readonly maximumCohort: number; readonly length: number },
): ReturnType<typeof ringPlan> {
  return ringPlan({ valueBits, bound, ring, ...cohort });
}

/** The largest weight for which the weights of a whole cohort have room in the tail. */
export function maximumTailWeight(maximumCohort: number): number {
  return Math.floor(TAIL_LIMIT / maximumCohort);
}
