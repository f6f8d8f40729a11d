/** What each participant does between download and upload. */
import * as z from 'zod/mini';

const learningRate = z.number().check(z.positive(), z.maximum(1000));
const unitFraction = z.number().check(z.gte(0), z.lt(1));

export const clientOptimiserSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sgd'), learningRate }),
  z.strictObject({ kind: z.literal('momentum'), learningRate, momentum: unitFraction }),
  z.strictObject({
    kind: z.literal('adam'),
    learningRate,
    beta1: z._default(unitFraction, 0.9),
    beta2: z._default(unitFraction, 0.999),
    epsilon: z._default(z.number().check(z.positive()), 1e-7),
  }),
]);
export type ClientOptimiser = z.infer<typeof clientOptimiserSchema>;

export const localTrainingSchema = z.strictObject({
  optimiser: clientOptimiserSchema,
  epochs: z.int().check(z.positive(), z.maximum(1000)),
  batchSize: z.int().check(z.positive(), z.maximum(65_536)),
  /** At most this many examples are used per round (the first ones after the seeded shuffle). */
  maximumExamples: z._default(z.int().check(z.positive()), 1_000_000),
});
export type LocalTraining = z.infer<typeof localTrainingSchema>;
