/**
 * What tab and coordinator compute from the manifest about sums of additive updates, masked or not. Neither takes any of
 * it from a message.
 */
import {
  type LinearLengths,
  type LinearPlan,
  linearMapLengths,
  type RingPlan,
  ringPlan,
} from '@tributary/compression';
import type { VectorShape } from '@tributary/privacy';
import { TributaryError } from '../errors.ts';
import type { TensorShape } from '../parameters.ts';
import type { SumEncoding } from '../update/sum-encoding.ts';
import type { RingFrameLayout } from '../wire/ring-frame.ts';
import { type AdditivePlan, isAdditive } from './compression-plan.ts';
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

/** Integers modulo 2^bits, and what they stand for. */
export interface SumRing {
  readonly bits: number;
  /** What one unit is worth. */
  readonly step: number;
  /** A member's values are integers within [-levels, levels]; null where they may wrap around. */
  readonly levels: number | null;
}

export interface SumPlan {
  readonly ring: SumRing;
  /** From model deltas to what is rounded. */
  readonly linear: LinearPlan;
  readonly lengths: LinearLengths;
  readonly layout: RingFrameLayout;
  /** The update, then its tail. */
  readonly vectors: readonly [VectorShape, VectorShape];
  /** w_max: the weight whose update is sent unscaled. */
  readonly maximumWeight: number;
  /** Held-out examples of one member that count; of more, a part that is as good as the whole. */
  readonly maximumEvaluated: number;
}

/**
 * @param encoding of the round, in a run that tunes it
 * @throws TributaryError `plan-impossible`; a manifest that was checked has a plan, unless its codes do not add up
 */
export function sumPlan(
  manifest: SumManifest,
  shapes: readonly TensorShape[],
  encoding: SumEncoding | null,
): SumPlan {
  const { rounds, aggregation } = manifest;
  const compression = additiveOf(manifest);
  const linear = linearPlan(compression, encoding);
  const layout = sumLayout(manifest, shapes, encoding);
  return {
    ring: sumRing(compression, { encoding, length: layout.length, maximumCohort: inviteCount(rounds) }),
    linear,
    lengths: linearMapLengths(linear, shapes),
    layout,
    vectors: [
      { bits: layout.bits, length: layout.length },
      { bits: TAIL_BITS, length: layout.tailLength },
    ],
    maximumWeight: aggregation.weighting === 'equal' ? 1 : aggregation.maximumWeight,
    maximumEvaluated: Math.floor(TAIL_LIMIT / inviteCount(rounds) / MAXIMUM_TAIL_LOSS),
  };
}

/**
 * What a frame looks like. Without an encoding: the largest that a round can have.
 * @throws TributaryError `plan-impossible`, as above
 */
export function sumLayout(
  manifest: SumManifest,
  shapes: readonly TensorShape[],
  encoding: SumEncoding | null = null,
): RingFrameLayout {
  const compression = additiveOf(manifest);
  const length = linearMapLengths(linearPlan(compression, encoding), shapes).to;
  const maximumCohort = inviteCount(manifest.rounds);
  return {
    isMasked: manifest.secureAggregation.mode !== 'off',
    length,
    bits:
      compression.codec === 'tuned'
        ? compression.ringBits
        : possible(ringOf(compression, { maximumCohort, length })).bits,
    tailLength: TAIL_FIELDS.length,
  };
}

function additiveOf({ compression }: SumManifest): AdditivePlan {
  if (isAdditive(compression)) return compression;
  throw new TributaryError('plan-impossible', `updates in ${compression.codec} are not summed in a ring`);
}

/** Of an update of the plan's own fraction. */
export function linearLengths(plan: AdditivePlan, shapes: readonly TensorShape[]): LinearLengths {
  return linearMapLengths(linearPlan(plan, null), shapes);
}

function linearPlan({ sampling, rotation }: AdditivePlan, encoding: SumEncoding | null): LinearPlan {
  const fraction = encoding?.fraction;
  const isThinner = sampling.kind === 'random-k' && fraction !== undefined;
  return { sampling: isThinner ? { ...sampling, fraction } : sampling, rotation };
}

function sumRing(
  compression: AdditivePlan,
  round: { readonly encoding: SumEncoding | null; readonly length: number; readonly maximumCohort: number },
): SumRing {
  if (compression.codec === 'quantised') return possible(ringOf(compression, round));
  const { encoding } = round;
  if (!encoding) throw new TributaryError('plan-impossible', 'this run fixes its step for each round');
  return { bits: compression.ringBits, step: encoding.step, levels: null };
}

function possible(ring: ReturnType<typeof ringOf>): RingPlan {
  if (ring.kind === 'impossible') throw new TributaryError('plan-impossible', ring.message);
  return ring;
}

export function ringOf(
  { valueBits, bound, ring }: Extract<AdditivePlan, { codec: 'quantised' }>,
  cohort: { readonly maximumCohort: number; readonly length: number },
): ReturnType<typeof ringPlan> {
  return ringPlan({ valueBits, bound, ring, ...cohort });
}

/** Of the clipping norm, what belongs to the elements that are sent: an update is as long in them as anywhere, on average. */
export function shareOfNorm({ from, kept }: Pick<LinearLengths, 'from' | 'kept'>): number {
  return Math.sqrt(Math.min(1, kept / from));
}

/** The largest weight for which the weights of a whole cohort have room in the tail. */
export function maximumTailWeight(maximumCohort: number): number {
  return Math.floor(TAIL_LIMIT / maximumCohort);
}
