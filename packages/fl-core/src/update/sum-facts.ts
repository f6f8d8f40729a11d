/** What is looked at of a sum that is about to be released, to choose the step of the next round. Nothing of anybody. */
import * as z from 'zod/mini';

export const SUM_ALARMS = ['none', 'raised', 'severe'] as const;

export const sumFactsSchema = z.strictObject({
  /** In force in this round. */
  step: z.number(),
  /** Of the coordinates, where the round fixed it. */
  fraction: z.optional(z.number()),
  /** Root mean square of the sum's elements: of weight over largest weight times model delta, rotated. */
  rms: z.number(),
  /** Fraction of elements beyond nine tenths of the ring's edge. */
  nearEdge: z.number(),
  /** `raised`: more of them than the plan expects. `severe`: the sum has wrapped too often to be used. */
  alarm: z.enum(SUM_ALARMS),
  /** Updates in the sum. */
  count: z.int(),
});
export type SumFacts = z.infer<typeof sumFactsSchema>;
