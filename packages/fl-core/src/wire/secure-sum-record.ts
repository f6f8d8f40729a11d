/** How far the secure sum of a round came: counts and times for the operator, nothing of anybody. */
import * as z from 'zod/mini';

const count = z.int().check(z.gte(0));

/** What members do, in this order, once the cohort is closed. */
export const SECURE_SUM_STAGES = ['sharing', 'masking', 'confirming', 'revealing'] as const;
export type SecureSumStage = (typeof SECURE_SUM_STAGES)[number];

export const secureSumRecordSchema = z.strictObject({
  /** What the round may claim: against a coordinator that follows the protocol, or against one that does not. */
  label: z.enum(['curious server', 'active server']),
  graph: z.enum(['complete', 'harary']),
  /** Neighbours of each member. */
  degree: count,
  /** Shares that rebuild a secret: of one member, among its neighbours. */
  shareThreshold: count,
  cohort: count,
  /** In the whole cohort; with fewer nothing is unmasked. */
  minimumSurvivors: count,
  /** Those that have begun, in order. */
  stages: z.array(
    z.strictObject({
      stage: z.enum(SECURE_SUM_STAGES),
      /** Who did it in time: sharers, survivors, confirmers, those who revealed shares. */
      members: count,
      /** Null while it goes on. */
      seconds: z.nullable(z.number().check(z.gte(0))),
    }),
  ),
});
export type SecureSumRecord = z.infer<typeof secureSumRecordSchema>;
