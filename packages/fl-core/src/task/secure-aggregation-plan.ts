/** Whether the coordinator sees single updates, or only their sum (SA-1, after Bonawitz et al. 2017 and Bell et al. 2020). */
import * as z from 'zod/mini';

const fraction = z.number().check(z.gte(0), z.lt(1));

export const secureAggregationPlanSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('off') }),
  z.strictObject({
    mode: z.literal('sa-1'),
    /** How much of a cohort may work together with the coordinator. */
    corruptFraction: z._default(fraction, 0.1),
    /** How much of a cohort may be lost once it is closed. */
    dropoutFraction: z._default(fraction, 0.1),
    /** A `semi-malicious` coordinator may tell different members different things; `semi-honest` follows the protocol. */
    adversary: z._default(z.enum(['semi-honest', 'semi-malicious']), 'semi-malicious'),
    /** `auto`: complete for small cohorts, a random Harary graph for large ones. */
    graph: z._default(z.enum(['auto', 'complete']), 'auto'),
    /** Longest wait in each stage, uploads excepted, which have `rounds.reportingSeconds`. */
    stageSeconds: z._default(z.number().check(z.positive(), z.maximum(3600)), 30),
  }),
]);
export type SecureAggregationPlan = z.infer<typeof secureAggregationPlanSchema>;
export type SecureSumPlan = Extract<SecureAggregationPlan, { mode: 'sa-1' }>;
