/**
 * What a tuned run fixes anew for each round: chosen by the run machine from sums that were released, told in the invitation,
 * and part of what the members of a secure sum sign. A server that could tell two members two steps could weigh them apart.
 */
import * as z from 'zod/mini';
import type { CompressionPlan } from '../task/compression-plan.ts';

/** Below and above, a float32 has no model delta that would be worth coding. */
export const SMALLEST_STEP = 1e-30;
export const LARGEST_STEP = 1e12;
/** The coordinator may thin out what everybody sends when uploads are slow, down to this part of the plan's. */
export const LEAST_OF_FRACTION = 1 / 8;

export const sumEncodingSchema = z.strictObject({
  /** What one unit of the integers is worth. */
  step: z.number().check(z.gte(SMALLEST_STEP), z.lte(LARGEST_STEP)),
  /** Of the coordinates, in a plan with `random-k`: at most the plan's. */
  fraction: z.optional(z.number().check(z.positive(), z.lte(1))),
});
export type SumEncoding = z.infer<typeof sumEncodingSchema>;

/** Whether a round of this plan can have this encoding: a tuned run has one, any other has none. */
export function isEncodingOf(plan: CompressionPlan, encoding: SumEncoding | undefined): boolean {
  if (plan.codec !== 'tuned') return encoding === undefined;
  if (!encoding || !sumEncodingSchema.safeParse(encoding).success) return false;
  const { fraction } = encoding;
  if (plan.sampling.kind !== 'random-k') return fraction === undefined;
  const planned = plan.sampling.fraction;
  return fraction !== undefined && fraction <= planned && fraction >= planned * LEAST_OF_FRACTION;
}

export function isSameEncoding(one: SumEncoding | null, other: SumEncoding | null): boolean {
  return one?.step === other?.step && one?.fraction === other?.fraction;
}
