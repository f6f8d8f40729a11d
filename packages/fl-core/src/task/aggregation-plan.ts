/** How accepted updates become the next model. */
import * as z from 'zod/mini';

const rate = z.number().check(z.positive(), z.maximum(1000));
const fraction = z.number().check(z.gte(0), z.lt(1));

export const serverOptimiserSchema = z.discriminatedUnion('kind', [
  /** Learning rate 1 and momentum 0 is federated averaging (McMahan et al. 2017, algorithm 1). */
  z.strictObject({
    kind: z.literal('sgd'),
    learningRate: z._default(rate, 1),
    momentum: z._default(fraction, 0),
  }),
  /** FedAdam (Reddi et al. 2021, algorithm 2). */
  z.strictObject({
    kind: z.literal('adam'),
    learningRate: z._default(rate, 0.1),
    beta1: z._default(fraction, 0.9),
    beta2: z._default(fraction, 0.99),
    tau: z._default(z.number().check(z.positive()), 1e-3),
  }),
]);
export type ServerOptimiserSpec = z.infer<typeof serverOptimiserSchema>;

export const aggregationPlanSchema = z.strictObject({
  weighting: z._default(z.enum(['examples', 'equal']), 'examples'),
  /** An update's weight is its example count, at most this. */
  maximumWeight: z._default(z.int().check(z.positive(), z.maximum(1_000_000)), 10_000),
  /** A single coordinate of an update must lie in [-valueBound, valueBound]; others are refused. */
  valueBound: z._default(z.number().check(z.positive(), z.maximum(1e6)), 32),
  serverOptimiser: serverOptimiserSchema,
});
export type AggregationPlan = z.infer<typeof aggregationPlanSchema>;
