/** Where a tuned run begins to look for its step, and where it stops: known to whoever has its manifest. */
import type { TensorShape } from '../parameters.ts';
import { inviteCount } from '../task/round-plan.ts';
import { linearLengths, type SumManifest, shareOfNorm } from '../task/secure-sum-plan.ts';
import { LARGEST_STEP, SMALLEST_STEP } from './sum-encoding.ts';
import { plannedRing, type TunedPlan } from './sum-facts.ts';

/** @throws TributaryError `plan-impossible` */
export function firstStepOf(
  plan: TunedPlan,
  {
    rounds,
    privacy,
    shapes,
  }: Pick<SumManifest, 'rounds' | 'privacy'> & { readonly shapes: readonly TensorShape[] },
): number {
  const maximumCohort = inviteCount(rounds);
  const lengths = linearLengths(plan, shapes);
  const norm = Math.min(plan.firstNorm, privacy.clippingNorm ?? plan.firstNorm) * shareOfNorm(lengths);
  // Nothing is known yet: everybody may send the same.
  const sumRms = (maximumCohort * norm) / Math.sqrt(lengths.to);
  const step = sumRms * plannedRing(plan, maximumCohort).step;
  return Math.min(Math.max(step, SMALLEST_STEP), LARGEST_STEP);
}

/** `firstNorm` may be a million times too large, and a float32 would still tell what is rounded away here from nothing. */
const FINEST_OF_FIRST = 2 ** -40;

/** A sum in which nothing is seen with this step is one of nothing: the search ends. */
export function finestStep(firstStep: number): number {
  return Math.max(firstStep * FINEST_OF_FIRST, SMALLEST_STEP);
}
