/** Model specifications: what a manifest may ask a trainer to build. */
import * as z from 'zod/mini';

/** 200 MB a frame: a tab holds several copies of a model while it trains, the coordinator a sum in float64. */
export const MAXIMUM_PARAMETERS = 50_000_000;

// Pure, so that who needs only the functions below carries no schemas.
const size = /* @__NO_SIDE_EFFECTS__ */ (maximum: number) => z.int().check(z.positive(), z.maximum(maximum));
/** Two poolings by two leave nothing of less than four. */
const pooledTwice = z.int().check(z.minimum(4), z.maximum(1024));
const classes = z.int().check(z.minimum(2), z.maximum(10_000));

export const softmaxRegressionSchema = z.strictObject({
  kind: z.literal('softmax-regression'),
  inputSize: size(1_000_000),
  classes,
});

/** Dense layers with ReLU, then softmax: McMahan's 2NN, and the tabular MLP over one-hot columns. */
export const mlpSchema = z.strictObject({
  kind: z.literal('mlp'),
  inputSize: size(1_000_000),
  hidden: z.array(size(65_536)).check(z.minLength(1), z.maxLength(16)),
  classes,
});

/**
 * The CNN of McMahan et al. 2017: conv 5x5x32 (same, ReLU), pool 2, conv 5x5x64 (same, ReLU), pool 2,
 * dense 512 (ReLU), softmax. 1,663,370 parameters for 28x28x1 and 10 classes.
 */
export const mcmahanCnnSchema = z.strictObject({
  kind: z.literal('mcmahan-cnn'),
  height: pooledTwice,
  width: pooledTwice,
  channels: size(16),
  classes,
});

/** One-hot characters -> GRU (returning sequences) -> softmax over the next character at each position. */
export const charGruSchema = z.strictObject({
  kind: z.literal('char-gru'),
  vocabularySize: z.int().check(z.minimum(2), z.maximum(4096)),
  sequenceLength: size(4096),
  units: size(4096),
});

/**
 * A small image network of depthwise-separable blocks (Chollet 2017; MobileNet, Howard et al. 2017): conv 3x3 (ReLU),
 * then per block depthwise 3x3, layer normalisation over the channels, pointwise (ReLU); average over all places;
 * softmax. Layer instead of batch normalisation, because statistics of batches do not average over participants.
 */
export const separableCnnSchema = z.strictObject({
  kind: z.literal('separable-cnn'),
  height: z.int().check(z.minimum(4), z.maximum(1024)),
  width: z.int().check(z.minimum(4), z.maximum(1024)),
  channels: size(16),
  stemFilters: size(1024),
  blocks: z
    .array(z.strictObject({ filters: size(4096), stride: z.union([z.literal(1), z.literal(2)]) }))
    .check(z.minLength(1), z.maxLength(16)),
  classes,
});

/**
 * Trains `A B` beside frozen projections `W` (Hu et al. 2021; in its order, `B A`), so that only `A` and `B` are trained and sent.
 */
export const loraSchema = z.strictObject({
  kind: z.literal('lora'),
  rank: size(256),
  /** The adapter counts `scale` times: alpha / rank in the paper's words. */
  scale: z.number().check(z.positive(), z.maximum(1000)),
  /** SHA-256 of the frame that holds the frozen parameters: a model of the same sizes without adaptation. */
  baseModel: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  /**
   * `b`: A stays as the hash of the base model draws it; only B is trained and sent (FFA-LoRA, Sun et al. 2024, section 4).
   * A third less travels, and averaging is exact: the mean of A B is A times the mean of B. Without it, both train.
   */
  trains: z.optional(z.enum(['both', 'b'])),
});

/**
 * A character model like GPT-2, small: embeddings of character and place, pre-norm blocks of causal self-attention and
 * a GELU network four times as wide, a last normalisation, softmax over the next character at each position.
 */
export const charTransformerSchema = z.strictObject({
  kind: z.literal('char-transformer'),
  vocabularySize: z.int().check(z.minimum(2), z.maximum(4096)),
  sequenceLength: size(4096),
  /** A multiple of `heads`. */
  width: size(4096),
  heads: size(64),
  blocks: size(64),
  /** Without it, all parameters train. */
  adaptation: z.optional(loraSchema),
});

/** Any tfjs layers model, as its `model_topology` JSON; trained with softmax cross-entropy on its output. */
export const layersModelSchema = z.strictObject({
  kind: z.literal('layers'),
  topology: z.record(z.string(), z.unknown()),
  inputShape: z.array(size(1_000_000)).check(z.minLength(1), z.maxLength(4)),
  classes,
  /** Shapes of the trainable weights in `model.trainableWeights` order. */
  parameterShapes: z
    .array(z.array(size(100_000_000)).check(z.maxLength(8)))
    .check(z.minLength(1), z.maxLength(4096)),
});

export const modelSchema = z.discriminatedUnion('kind', [
  softmaxRegressionSchema,
  mlpSchema,
  mcmahanCnnSchema,
  separableCnnSchema,
  charGruSchema,
  charTransformerSchema,
  layersModelSchema,
]);
export type ModelSpec = z.infer<typeof modelSchema>;
export type DenseModelSpec = Extract<ModelSpec, { kind: 'softmax-regression' | 'mlp' }>;
/** Models that read characters and predict the next one at each position. */
export type CharacterModelSpec = Extract<ModelSpec, { kind: 'char-gru' | 'char-transformer' }>;
/** Models that this platform trains on kernels of its own. */
export type BuiltInModelSpec = Exclude<ModelSpec, { kind: 'layers' }>;
