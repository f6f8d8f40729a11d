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

/**
 * Bounds what one example, or the mean of a microbatch of examples, can do to a step: its gradient is scaled to at most
 * `clippingNorm` (L2, over all trained parameters) before the mean over the microbatches is taken (Abadi et al. 2016,
 * algorithm 1). Ready for example-level DP-SGD, but no privacy by itself: no noise is added yet.
 */
export const exampleClippingSchema = z.strictObject({
  clippingNorm: z.number().check(z.positive()),
  /** 1 bounds each example alone; more is faster and bounds less. */
  microbatchSize: z._default(z.int().check(z.positive(), z.maximum(65_536)), 1),
});

/**
 * Repeats examples while the next ones are read, where reading is slower than training (Choi et al. 2019). Repeated
 * examples count again for example-level privacy.
 */
export const dataEchoingSchema = z.strictObject({
  /** At most so often does an example train in one epoch. */
  maximumFactor: z.int().check(z.minimum(2), z.maximum(16)),
});

/**
 * `mixed` keeps activations and their gradients in half precision and computes in float32 (Micikevicius et al. 2018). A wish:
 * devices whose engine has one precision train in float32, and say why.
 */
export const trainingPrecisionSchema = z.enum(['float32', 'mixed']);
export type TrainingPrecision = z.infer<typeof trainingPrecisionSchema>;

export const localTrainingSchema = z.strictObject({
  optimiser: clientOptimiserSchema,
  epochs: z.int().check(z.positive(), z.maximum(1000)),
  batchSize: z.int().check(z.positive(), z.maximum(65_536)),
  /** At most this many examples are used per round (the first ones after the seeded shuffle). */
  maximumExamples: z._default(z.int().check(z.positive()), 1_000_000),
  exampleClipping: z.optional(exampleClippingSchema),
  dataEchoing: z.optional(dataEchoingSchema),
  precision: z.optional(trainingPrecisionSchema),
});
export type LocalTraining = z.infer<typeof localTrainingSchema>;
