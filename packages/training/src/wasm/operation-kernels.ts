/** The exports of the operations' sources in assembly/, one interface for each. Addresses and sizes count bytes. */
type Address = number;
type Bytes = number;

export interface OperationKernels
  extends AttentionKernels,
    DepthwiseKernels,
    EmbeddingKernels,
    LossKernels,
    NormalisationKernels,
    OptimiserKernels,
    RecurrenceKernels,
    VectorKernels {}

/** assembly/attention.ts */
interface AttentionKernels {
  causalSoftmax(length: number, factor: number, scores: Address): void;
  causalSoftmaxBackward(length: number, factor: number, weights: Address, gradient: Address): void;
}

/** assembly/depthwise.ts */
interface DepthwiseKernels {
  packFilters(taps: number, width: number, filters: Address, packed: Address, flipped: boolean): void;
  frameImage(
    height: number,
    imageWidth: number,
    width: number,
    image: Address,
    frame: Address,
    frameHeight: number,
    frameWidth: number,
    top: number,
    left: number,
    step: number,
  ): void;
  correlate(
    height: number,
    outputWidth: number,
    width: number,
    frame: Address,
    frameWidth: number,
    kernelHeight: number,
    kernelWidth: number,
    stride: number,
    packed: Address,
    bias: Address,
    output: Address,
    adds: boolean,
  ): void;
  correlateFilters(
    height: number,
    outputWidth: number,
    width: number,
    frame: Address,
    frameWidth: number,
    kernelHeight: number,
    kernelWidth: number,
    stride: number,
    gradient: Address,
    packedGradient: Address,
  ): void;
  addPackedFilters(taps: number, width: number, packed: Address, filterGradient: Address): void;
}

/** assembly/embedding.ts */
interface EmbeddingKernels {
  gatherRows(
    rows: number,
    length: number,
    width: number,
    characters: Address,
    table: Address,
    positions: Address,
    output: Address,
  ): void;
  scatterRows(
    rows: number,
    width: number,
    characters: Address,
    gradients: Address,
    tableGradient: Address,
  ): void;
  sumOverExamples(examples: number, size: Bytes, gradients: Address, target: Address): void;
  meanOfRows(examples: number, rows: number, width: number, input: Address, output: Address): void;
  spreadOverRows(
    examples: number,
    rows: number,
    width: number,
    gradient: Address,
    inputGradient: Address,
    adds: boolean,
  ): void;
}

/** assembly/loss.ts */
interface LossKernels {
  softmaxCrossEntropy(
    rows: number,
    classes: number,
    logits: Address,
    labels: Address,
    gradients: Address,
    scale: number,
  ): number;
}

/** assembly/normalisation.ts */
interface NormalisationKernels {
  normaliseRows(
    rows: number,
    width: number,
    epsilon: number,
    input: Address,
    scale: Address,
    shift: Address,
    statistics: Address,
    output: Address,
  ): void;
  normaliseRowsBackward(
    rows: number,
    width: number,
    input: Address,
    scale: Address,
    statistics: Address,
    gradient: Address,
    inputGradient: Address,
    adds: boolean,
  ): void;
  normaliseRowsParameters(
    rows: number,
    width: number,
    input: Address,
    statistics: Address,
    gradient: Address,
    scaleGradient: Address,
    shiftGradient: Address,
  ): void;
}

/** assembly/optimisers.ts */
interface OptimiserKernels {
  stepSgd(parameters: Address, gradient: Address, size: Bytes, learningRate: number): void;
  stepMomentum(
    parameters: Address,
    gradient: Address,
    velocities: Address,
    size: Bytes,
    learningRate: number,
    momentum: number,
  ): void;
  stepAdam(
    parameters: Address,
    gradient: Address,
    firstMoments: Address,
    secondMoments: Address,
    size: Bytes,
    learningRate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    correction1: number,
    correction2: number,
  ): void;
}

/** assembly/recurrence.ts */
interface RecurrenceKernels {
  openGates(
    examples: number,
    units: number,
    input: Address,
    stride: Bytes,
    bias: Address,
    hidden: Address,
    gates: Address,
    reset: Address,
  ): void;
  advanceHidden(
    examples: number,
    units: number,
    input: Address,
    inputStride: Bytes,
    bias: Address,
    hidden: Address,
    gates: Address,
    candidate: Address,
    output: Address,
    outputStride: Bytes,
    next: Address,
  ): void;
  advanceHiddenBackward(
    examples: number,
    units: number,
    arriving: Address,
    stride: Bytes,
    hidden: Address,
    gates: Address,
    candidate: Address,
    carried: Address,
  ): void;
  openGatesBackward(
    examples: number,
    units: number,
    hidden: Address,
    gates: Address,
    resetGradient: Address,
    carried: Address,
  ): void;
  copyColumns(
    rows: number,
    width: Bytes,
    source: Address,
    sourceStride: Bytes,
    target: Address,
    targetStride: Bytes,
  ): void;
  addColumns(
    rows: number,
    width: Bytes,
    source: Address,
    sourceStride: Bytes,
    target: Address,
    targetStride: Bytes,
  ): void;
}

/** assembly/vectors.ts */
interface VectorKernels {
  addScaled(first: Address, second: Address, scale: number, output: Address, size: Bytes): void;
  scaleInto(input: Address, scale: number, output: Address, size: Bytes): void;
  clear(output: Address, size: Bytes): void;
  addScaledAndClear(input: Address, scale: number, output: Address, size: Bytes): void;
  sumOfSquares(input: Address, size: Bytes): number;
  gelu(values: Address, output: Address, size: Bytes): void;
  multiplyBy(input: Address, output: Address, size: Bytes): void;
  exponential(input: Address, output: Address, size: Bytes): void;
  logistic(input: Address, output: Address, size: Bytes): void;
  hyperbolicTangent(input: Address, output: Address, size: Bytes): void;
}
