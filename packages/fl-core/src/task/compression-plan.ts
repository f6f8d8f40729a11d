/**
 * The form in which an update leaves the device. Two families: codes that add up, which alone fit under a mask, and codes
 * that the coordinator reads one by one.
 */
import * as z from 'zod/mini';

const fractionField = z.number().check(z.positive(), z.lte(1));

/** What is lost in coding is kept on the device and added to its next update (Seide et al. 2014, section 3.2). */
const feedbackSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('off') }),
  z.strictObject({
    mode: z.literal('on'),
    /** A residual this many rounds old belongs to another model by now, and is dropped. */
    expiresAfterRounds: z._default(z.int().check(z.positive(), z.maximum(10_000)), 20),
  }),
]);
export type FeedbackPlan = z.infer<typeof feedbackSchema>;

/** Which coordinates, or combinations of them, travel: the same for everybody in a round, drawn from a public seed. */
const samplingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  /** Konečný et al. 2016, section 2: a random mask. */
  z.strictObject({ kind: z.literal('random-k'), fraction: fractionField }),
  /** Whole units of each layer but the last, with their biases (Caldas et al. 2018, section 3.2). */
  z.strictObject({ kind: z.literal('neurons'), fraction: fractionField }),
  /** Matrices times a random basis of so many columns that everybody shares; vectors as they are. */
  z.strictObject({ kind: z.literal('low-rank'), rank: z.int().check(z.positive(), z.maximum(256)) }),
]);
export type SamplingPlan = z.infer<typeof samplingSchema>;

const linearFields = {
  sampling: z._default(samplingSchema, { kind: 'all' }),
  /** Randomised Hadamard rotation (Suresh et al. 2017, section 3): of all at once, or of short blocks with little padding. */
  rotation: z._default(z.enum(['none', 'blocks', 'full']), 'none'),
  /** `dithered`: the chances of rounding are public, and what they added is subtracted from the sum: half the error. */
  rounding: z._default(z.enum(['stochastic', 'dithered']), 'stochastic'),
  feedback: z._default(feedbackSchema, { mode: 'off' }),
};

/**
 * Integers of a ring Z_2^b that add up without a carry between elements: what is sent is weighted, clipped to the bound,
 * rounded at random to one of 2^(valueBits - 1) - 1 levels each way, and packed.
 */
const quantisedSchema = z.strictObject({
  codec: z.literal('quantised'),
  valueBits: z._default(z.int().check(z.gte(2), z.lte(24)), 16),
  /** Coordinates outside [-bound, bound] are clipped to it. */
  bound: z._default(z.number().check(z.positive(), z.maximum(1e6)), 1),
  /** `proven`: no sum can wrap. `probabilistic`: fewer bits, under an assumption that the plan's documentation states. */
  ring: z._default(z.enum(['proven', 'probabilistic']), 'proven'),
  ...linearFields,
});

/** The same in a ring of chosen width: the step follows the sums of earlier rounds, so that few coordinates wrap. */
const tunedSchema = z.strictObject({
  codec: z.literal('tuned'),
  /** b: what one coordinate costs on the wire. */
  ringBits: z._default(z.int().check(z.gte(2), z.lte(32)), 8),
  /** Of one coordinate of one sum, at most. */
  wrapProbability: z._default(z.number().check(z.gte(1e-12), z.lte(0.01)), 1e-5),
  /** L2 norm that one participant's update may have in the first round, before anything is known of the sums. */
  firstNorm: z._default(z.number().check(z.positive(), z.maximum(1e6)), 1),
  ...linearFields,
});

const feedbackField = z._default(feedbackSchema, { mode: 'off' });

export const compressionPlanSchema = z.discriminatedUnion('codec', [
  z.strictObject({ codec: z.literal('float32') }),
  // Additive.
  quantisedSchema,
  tunedSchema,
  // Clear.
  /** Rotation, the best quantiser of the normal distribution, unbiased scale (Vargaftik et al. 2022). */
  z.strictObject({
    codec: z.literal('eden'),
    bits: z._default(z.int().check(z.gte(1), z.lte(4)), 1),
    /** Each device sends coordinates of its own choice: so many of them. */
    fraction: z._default(fractionField, 1),
    /** A device with a slow connection may send fewer bits. */
    adaptive: z._default(z.boolean(), false),
    feedback: feedbackField,
  }),
  /** Levels made for the update itself, which travel with it. */
  z.strictObject({
    codec: z.literal('codebook'),
    bits: z._default(z.int().check(z.gte(1), z.lte(8)), 4),
    feedback: feedbackField,
  }),
  /** The largest coordinates, with momentum corrected for what waits (Lin et al. 2018, section 3). */
  z.strictObject({
    codec: z.literal('top-k'),
    fraction: z._default(fractionField, 0.01),
    valueBits: z._default(z.int().check(z.gte(2), z.lte(8)), 8),
    momentum: z._default(z.number().check(z.gte(0), z.lt(1)), 0),
    /** Rounds in which the kept fraction falls from a quarter to `fraction`. */
    warmUpRounds: z._default(z.int().check(z.gte(0), z.maximum(1000)), 0),
    feedback: feedbackField,
  }),
  /** Floats with so many bits of their mantissa, rounded at random: 7 is bfloat16. */
  z.strictObject({
    codec: z.literal('truncated'),
    mantissaBits: z._default(z.int().check(z.gte(0), z.lte(22)), 7),
    feedback: feedbackField,
  }),
  /** Matrices as products of two thin ones (Vogels et al. 2019, algorithm 1). */
  z.strictObject({
    codec: z.literal('power-sgd'),
    rank: z._default(z.int().check(z.positive(), z.maximum(64)), 2),
    feedback: feedbackField,
  }),
]);
export type CompressionPlan = z.infer<typeof compressionPlanSchema>;
export type CompressionPlanInput = z.input<typeof compressionPlanSchema>;
type PlanOf<Codec extends CompressionPlan['codec']> = Extract<CompressionPlan, { codec: Codec }>;

/** Codes that add up in a ring: the only ones that can be masked. */
export type AdditivePlan = PlanOf<'quantised' | 'tuned'>;
/** Codes that say something only by themselves. */
export type ClearPlan = PlanOf<'eden' | 'codebook' | 'top-k' | 'truncated' | 'power-sgd'>;

export function isAdditive(plan: CompressionPlan): plan is AdditivePlan {
  return plan.codec === 'quantised' || plan.codec === 'tuned';
}

/** Null where nothing is kept for the next update. */
export function feedbackOf(plan: CompressionPlan): Extract<FeedbackPlan, { mode: 'on' }> | null {
  return plan.codec !== 'float32' && plan.feedback.mode === 'on' ? plan.feedback : null;
}

export function isClearCode(plan: CompressionPlan): plan is ClearPlan {
  return plan.codec !== 'float32' && !isAdditive(plan);
}

/** How the model comes to the devices. */
export const downlinkPlanSchema = z.discriminatedUnion('codec', [
  /** Whole, as it is. */
  z.strictObject({ codec: z.literal('float32') }),
  /** As it is, coded; less when the device holds an earlier model. */
  z.strictObject({ codec: z.literal('lossless') }),
  /**
   * Rounded to a grid with about so many bits of entropy a parameter; what is lost stays on the coordinator, and goes out
   * with a later model. Between two models on a grid, only integers travel.
   */
  z.strictObject({ codec: z.literal('grid'), bits: z._default(z.int().check(z.gte(4), z.lte(12)), 6) }),
]);
export type DownlinkPlan = z.infer<typeof downlinkPlanSchema>;
