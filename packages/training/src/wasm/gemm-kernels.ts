/** The exports of assembly/gemm.ts. Addresses count bytes; matrices are row-major without padding. */
type Address = number;

export interface GemmKernels {
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
  maskRectified(count: number, output: Address, gradient: Address): void;
  denseInputGradient(
    rows: number,
    inner: number,
    width: number,
    gradient: Address,
    kernel: Address,
    inputGradient: Address,
    add: boolean,
  ): void;
  denseKernelGradient(
    rows: number,
    inner: number,
    width: number,
    input: Address,
    gradient: Address,
    kernelGradient: Address,
  ): void;
  addColumnSums(rows: number, width: number, matrix: Address, target: Address): void;
}
