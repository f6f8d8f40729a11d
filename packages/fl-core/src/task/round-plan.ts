/** How a round selects, waits and closes. Times in seconds. */
import * as z from 'zod/mini';

const seconds = z.number().check(z.positive(), z.maximum(7 * 24 * 3600));
const count = z.int().check(z.positive(), z.maximum(100_000));

export const roundPlanSchema = z.strictObject({
  /** The run completes after this many committed rounds. */
  committedRounds: count,
  /** How many updates a round aims to accept. */
  reportGoal: count,
  /** `ceil(reportGoal x overSelection)` participants are invited, because some will leave. */
  overSelection: z._default(z.number().check(z.gte(1), z.lte(10)), 1.3),
  /** A round with fewer accepted updates is abandoned. */
  minimumSurvivors: count,
  /** Longest wait for more candidates once the minimum is present. */
  selectionSeconds: z._default(seconds, 10),
  trainingSeconds: z._default(seconds, 300),
  reportingSeconds: z._default(seconds, 60),
  /** How long a member whose connection broke may take to return before it counts as dropped. */
  rejoinSeconds: z._default(seconds, 20),
  /** What participants are told to wait when there is nothing to do for them. */
  comeBackSeconds: z._default(seconds, 15),
});
export type RoundPlan = z.infer<typeof roundPlanSchema>;

export function inviteCount(plan: RoundPlan): number {
  // 10 x 1.3 is 13.000000000000002 in floating point on no engine, but 1.1 x 10 is 11.000000000000002.
  return Math.ceil(plan.reportGoal * plan.overSelection - 1e-9);
}
