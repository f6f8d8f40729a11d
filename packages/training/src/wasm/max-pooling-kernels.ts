/** The exports of assembly/max-pooling.ts. */
type Address = number;

export interface MaxPoolingKernels {
  maxPoolingForward(
    examples: number,
    inputHeight: number,
    inputWidth: number,
    channels: number,
    outputHeight: number,
    outputWidth: number,
    kernelHeight: number,
    kernelWidth: number,
    stride: number,
    paddingTop: number,
    paddingLeft: number,
    input: Address,
    output: Address,
  ): void;
  /** inputGradient = (or +=) */
  maxPoolingBackward(
    examples: number,
    inputHeight: number,
    inputWidth: number,
    channels: number,
    outputHeight: number,
    outputWidth: number,
    kernelHeight: number,
    kernelWidth: number,
    stride: number,
    paddingTop: number,
    paddingLeft: number,
    input: Address,
    output: Address,
    gradient: Address,
    inputGradient: Address,
    add: boolean,
  ): void;
}
