/** The form in which an update leaves the device. */
import * as z from 'zod/mini';

export const compressionPlanSchema = z.discriminatedUnion('codec', [
  z.strictObject({ codec: z.literal('float32') }),
  /**
   * Integers of a ring Z_2^b that add up without a carry between elements: what is sent is weighted, clipped to the bound,
   * rounded at random to one of 2^(valueBits - 1) - 1 levels each way, and packed.
   */
  z.strictObject({
    codec: z.literal('quantised'),
    valueBits: z._default(z.int().check(z.gte(2), z.lte(24)), 16),
    /** Coordinates of a model delta outside [-bound, bound] are clipped to it. */
    bound: z._default(z.number().check(z.positive(), z.maximum(1e6)), 1),
    /** `proven`: no sum can wrap. `probabilistic`: fewer bits, under an assumption that the plan's documentation states. */
    ring: z._default(z.enum(['proven', 'probabilistic']), 'proven'),
  }),
]);
export type CompressionPlan = z.infer<typeof compressionPlanSchema>;
export type QuantisedPlan = Extract<CompressionPlan, { codec: 'quantised' }>;
