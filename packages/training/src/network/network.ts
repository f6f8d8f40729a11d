/**
 * A model as a list of operations on matrices: what every engine runs, forwards for the loss, backwards for the gradient.
 *
 * A value is a matrix per example, `rows` x `width`, row-major; a batch of n examples is one matrix of n x rows rows
 * without padding. A vector has one row; an image one row per pixel and one column per channel (channels last); a text
 * one row per character. So a dense layer, a pointwise convolution and a projection of a transformer are one operation.
 */

/** Index into `Network.values`. */
export type ValueId = number;

export interface Value {
  readonly rows: number;
  readonly width: number;
}

/** A tensor within one of the two flat vectors of a model; `offset` counts floats. */
export interface ParameterReference {
  /** `frozen` parameters get no gradient (`frozenTensors` of fl-core). */
  readonly store: 'trained' | 'frozen';
  readonly offset: number;
}

/**
 * relu has no slope at 0. gelu is GPT-2's: x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 (Hendrycks and Gimpel 2016,
 * section 2).
 */
export type Activation = 'linear' | 'relu' | 'gelu';

/** A convolution's or pooling's window over an image, as TensorFlow pads: `same` puts the odd row or column last. */
export interface Window {
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly stride: number;
  readonly paddingTop: number;
  readonly paddingLeft: number;
}

interface Unary {
  readonly input: ValueId;
  readonly output: ValueId;
}

/** output = activation(input x kernel + bias). Kernel [input width, output width]; without bias where null. */
export interface Dense extends Unary {
  readonly kind: 'dense';
  readonly kernel: ParameterReference;
  readonly bias: ParameterReference | null;
  readonly activation: Activation;
}

/** Kernel [kernelHeight, kernelWidth, input width, output width]; cross-correlation, as everybody means by convolution. */
export interface Convolution extends Unary {
  readonly kind: 'convolution';
  readonly window: Window;
  readonly kernel: ParameterReference;
  readonly bias: ParameterReference;
  readonly activation: 'linear' | 'relu';
}

/** Kernel [kernelHeight, kernelWidth, width, 1]: one filter per channel. No activation. */
export interface DepthwiseConvolution extends Unary {
  readonly kind: 'depthwise-convolution';
  readonly window: Window;
  readonly kernel: ParameterReference;
  readonly bias: ParameterReference;
}

/** The highest value of each window; of equals the first in reading order takes the gradient. */
export interface MaxPooling extends Unary {
  readonly kind: 'max-pooling';
  readonly window: Window;
}

/** Mean over all rows: one row remains. */
export interface AveragePooling extends Unary {
  readonly kind: 'average-pooling';
}

/** The same values read as a matrix of another shape; costs nothing, because the output lies where the input lies. */
export interface Reshape extends Unary {
  readonly kind: 'reshape';
}

/** output row = table[character] (+ positions[row]). The input is `Network.input` of a text: character codes. */
export interface Embedding extends Unary {
  readonly kind: 'embedding';
  /** [vocabulary, width] */
  readonly table: ParameterReference;
  readonly vocabularySize: number;
  /** [rows, width] */
  readonly positions: ParameterReference | null;
}

/** Ba et al. 2016: each row to mean 0 and variance 1, then times scale plus shift. Biased variance plus epsilon. */
export interface LayerNormalisation extends Unary {
  readonly kind: 'layer-normalisation';
  readonly scale: ParameterReference;
  readonly shift: ParameterReference;
  readonly epsilon: number;
}

/**
 * Vaswani et al. 2017, section 3.2, with a causal mask. Input rows are [queries | keys | values], 3 x output width; head h
 * owns columns h x width/heads onwards of each part. softmax(q k^T / sqrt(width / heads)) v per head.
 */
export interface CausalAttention extends Unary {
  readonly kind: 'causal-attention';
  readonly heads: number;
}

/**
 * Cho et al. 2014, the reset gate before the recurrent product as in tfjs (`reset_after` false). The input is x times the kernel
 * already, [z | r | h], 3 x units; bias is added here. From h = 0:
 * z = sigmoid(x_z + h U_z), r = sigmoid(x_r + h U_r), c = tanh(x_h + (r h) U_h), h' = z h + (1 - z) c. Each h' is a row.
 */
export interface GatedRecurrence extends Unary {
  readonly kind: 'gated-recurrence';
  /** [units, 3 x units] */
  readonly recurrent: ParameterReference;
  /** [3 x units] */
  readonly bias: ParameterReference;
}

/** output = input + scale x other: residual connections, adapters. */
export interface Sum extends Unary {
  readonly kind: 'sum';
  readonly other: ValueId;
  readonly scale: number;
}

export type Operation =
  | Dense
  | Convolution
  | DepthwiseConvolution
  | MaxPooling
  | AveragePooling
  | Reshape
  | Embedding
  | LayerNormalisation
  | CausalAttention
  | GatedRecurrence
  | Sum;
export type OperationKind = Operation['kind'];
export type OperationOf<Kind extends OperationKind> = Extract<Operation, { kind: Kind }>;

/**
 * Operations stand in an order in which each comes after those whose outputs it reads; each value is the output of
 * exactly one, but for the input. The loss is softmax cross-entropy over each row of `logits`, in nats: its mean over the
 * rows of an example, and over the examples of a batch.
 */
export interface Network {
  readonly values: readonly Value[];
  readonly operations: readonly Operation[];
  /** Examples as they come. For a text: character codes as whole floats, `width` 1. */
  readonly input: ValueId;
  /** `rows` labels per example, `width` classes. */
  readonly logits: ValueId;
  readonly trainedSize: number;
  readonly frozenSize: number;
}
