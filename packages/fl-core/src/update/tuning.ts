/**
 * The step of a tuned run, from round to round (after Bonawitz et al. 2019, "Federated learning with autotuned
 * communication-efficient secure aggregation"): as large as the last released sum says, so that few elements wrap. And the
 * fraction of the coordinates, smaller while uploads take long. Plain JSON, part of the run's state.
 */
import type { TaskManifest } from '../task/manifest.ts';
import { parameterShapes } from '../task/model-shape.ts';
import { inviteCount } from '../task/round-plan.ts';
import { finestStep, firstStepOf } from './first-step.ts';
import { LARGEST_STEP, LEAST_OF_FRACTION, type SumEncoding } from './sum-encoding.ts';
import { plannedRing, roundingVariance, type SumFacts, type TunedPlan } from './sum-facts.ts';

export interface Tuning {
  /** What of the manifest the rules need. */
  readonly plan: TunedPlan;
  readonly maximumCohort: number;
  readonly reportGoal: number;
  readonly reportingSeconds: number;
  readonly firstStep: number;
  /** Of the next round. */
  readonly encoding: SumEncoding;
  /** Rounds in a row in which uploads were slow (below 0) or quick (above). */
  readonly pace: number;
}

type TunedManifest = Pick<TaskManifest, 'model' | 'rounds' | 'privacy' | 'compression'>;

/** Sums differ from round to round: the next may be this much wider. */
const HEADROOM = 1.1;
/** The least that the step of one round is of that before: one quiet round says little of the next. */
const LEAST_OF_STEP = 1 / 2;
const RAISE_AFTER_ALARM = 1.5;
/**
 * Of a step, the most that the root mean square of a sum can be which is rounded to nothing but zeros: of the 256 elements of
 * the shortest block, each that is x steps long stays zero with a probability of 1 - |x|, and of wider ones all do once in 25.
 */
const UNSEEN = 1 / 64;

/** Null where the manifest fixes all of the encoding. @throws TributaryError `plan-impossible` */
export function openTuning({ model, rounds, privacy, compression: plan }: TunedManifest): Tuning | null {
  if (plan.codec !== 'tuned') return null;
  const step = firstStepOf(plan, { rounds, privacy, shapes: parameterShapes(model) });
  const { sampling } = plan;
  return {
    plan,
    maximumCohort: inviteCount(rounds),
    reportGoal: rounds.reportGoal,
    reportingSeconds: rounds.reportingSeconds,
    firstStep: step,
    encoding: { step, ...(sampling.kind === 'random-k' && { fraction: sampling.fraction }) },
    pace: 0,
  };
}

/** Back to an earlier model: tuned by the sum that made it, or as at the beginning. */
export function goneBack(tuning: Tuning, facts: SumFacts | undefined): Tuning {
  return facts ? tunedBy(tuning, facts) : withStep(tuning, tuning.firstStep);
}

/** A sum was released, or seen and not used. */
export function tunedBy(tuning: Tuning, facts: SumFacts): Tuning {
  return withStep(tuning, nextStep(tuning, facts));
}

function nextStep(tuning: Tuning, facts: SumFacts): number {
  const { plan, maximumCohort, reportGoal } = tuning;
  const { step, rms, count, alarm } = facts;
  if (alarm === 'severe') return step * (isFlat(plan, facts) ? 8 : 2);
  const noise = roundingVariance(plan.rounding, count) * step ** 2;
  const signal = Math.sqrt(Math.max(rms ** 2 - noise, 0));
  // A round that comes together better adds up more, at worst in proportion.
  const growth = HEADROOM * Math.max(1, reportGoal / count);
  const stepFor = (sumRms: number) => sumRms * growth * plannedRing(plan, maximumCohort).step;
  if (alarm === 'coarse' && rms === 0) return Math.min(stepFor(step * UNSEEN), step * LEAST_OF_STEP);
  // What the rounding hides may be as much as this part of it.
  if (alarm === 'coarse')
    return Math.min(stepFor(Math.max(signal, Math.sqrt(noise) / 4)), step * LEAST_OF_STEP);
  const wanted = stepFor(signal);
  const least = step * (alarm === 'raised' ? RAISE_AFTER_ALARM : LEAST_OF_STEP);
  // Up at once, down by half of the way: a quiet round is often followed by one that is not, and wrapping costs more.
  return Math.max(wanted < step ? Math.sqrt(wanted * step) : wanted, least);
}

/** Wrapped so often that every value is about as likely as any other: it says nothing of how wide the sum was. */
function isFlat({ ringBits }: TunedPlan, { step, rms }: SumFacts): boolean {
  return rms / step > 0.55 * 2 ** (ringBits - 1);
}

/** Above it, more than a part of the reporting time. */
const SLOW = 1 / 3;
/** Below it, twice as much would not be slow. */
const QUICK = 1 / 8;
/** Rounds in a row before anything changes. */
const PATIENCE = 2;

/**
 * How long uploads of a round took: the whole cohort sends less, because sums can only be taken of what all send.
 * @param seconds of each member; of one that missed the deadline, all that there were
 */
export function pacedBy(tuning: Tuning, seconds: readonly number[]): Tuning {
  const { plan, encoding, reportingSeconds } = tuning;
  const { fraction } = encoding;
  if (fraction === undefined || plan.sampling.kind !== 'random-k' || seconds.length === 0) return tuning;
  const share = slowestTenth(seconds) / reportingSeconds;
  const pace = paceAfter(tuning.pace, share);
  if (Math.abs(pace) < PATIENCE) return { ...tuning, pace };
  const most = plan.sampling.fraction;
  const next = pace < 0 ? Math.max(fraction / 2, most * LEAST_OF_FRACTION) : Math.min(fraction * 2, most);
  return { ...tuning, encoding: { ...encoding, fraction: next }, pace: 0 };
}

function paceAfter(pace: number, share: number): number {
  if (share > SLOW) return Math.min(pace, 0) - 1;
  return share < QUICK ? Math.max(pace, 0) + 1 : 0;
}

/** The median of the slowest tenth, of at least one. */
function slowestTenth(seconds: readonly number[]): number {
  const slowest = [...seconds].sort((left, right) => right - left).slice(0, Math.ceil(seconds.length / 10));
  return slowest[Math.floor((slowest.length - 1) / 2)]!;
}

function withStep(tuning: Tuning, step: number): Tuning {
  const bounded = Math.min(Math.max(step, finestStep(tuning.firstStep)), LARGEST_STEP);
  return { ...tuning, encoding: { ...tuning.encoding, step: bounded } };
}
