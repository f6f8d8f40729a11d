/** The exports of assembly/gemm.ts. Addresses count bytes; matrices are row-major without padding. */
type Address = number;

export interface GemmKernels {
  /** output = input [rows, inner] x kernel [inner, width] + bias (0: none), then ReLU when `rectify`. */
  denseForward(
    rows: number,
    inner: number,
    width: number,
    input: Address,
    kernel: Address,
    bias: Address,
    output: Address,
    rectify: boolean,
  ): void;
  /** inputGradient = (or +=) gradient x kernel^T. */
  denseInputGradient(
    rows: number,
    inner: number,
    width: number,
    gradient: Address,
    kernel: Address,
    inputGradient: Address,
    add: boolean,
  ): void;
  /** kernelGradient += input^T x gradient. */
  denseKernelGradient(
    rows: number,
    inner: number,
    width: number,
    input: Address,
    gradient: Address,
    kernelGradient: Address,
  ): void;
  /** target += sum of the rows. */
  addColumnSums(rows: number, width: number, matrix: Address, target: Address): void;
  /** gradient = 0 where the output of a ReLU is 0, over `count` floats. */
  maskRectified(count: number, output: Address, gradient: Address): void;
}
