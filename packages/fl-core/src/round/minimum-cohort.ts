/** How few may make a cohort. */
import { feasibleCohorts } from '@tributary/privacy';
import type { RoundPlan } from '../task/round-plan.ts';
import type { SecureAggregationPlan } from '../task/secure-aggregation-plan.ts';
import type { RoundState } from './round-state.ts';

/** A state that an earlier release stored does not say it. */
export function minimumCohortOf({ minimumCohort, plan }: Pick<RoundState, 'minimumCohort' | 'plan'>): number {
  return minimumCohort ?? plan.minimumSurvivors;
}

/**
 * The smallest cohort that the plan can protect: a round that trained for a smaller one would have trained in vain.
 * `minimumSurvivors` without secure aggregation; the report goal, which was checked, where no smaller one will do.
 */
export function smallestCohort(rounds: RoundPlan, secureAggregation: SecureAggregationPlan): number {
  const { minimumSurvivors, reportGoal } = rounds;
  if (secureAggregation.mode === 'off') return minimumSurvivors;
  for (let n = minimumSurvivors; n < reportGoal; n += 1) {
    if (feasibleCohorts(secureAggregation, { minimum: n, maximum: n }).length > 0) return n;
  }
  return reportGoal;
}
