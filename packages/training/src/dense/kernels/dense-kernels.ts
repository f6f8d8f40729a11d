/** The WebAssembly kernels as typed functions over one memory. Addresses and strides count bytes. */
import { DENSE_KERNELS_BASE64 } from './dense-kernels.generated.ts';

type Address = number;
type Bytes = number;

export interface DenseKernels {
  heapBase(): Address;
  listActive(
    batch: number,
    rows: Address,
    stride: Bytes,
    width: number,
    lists: Address,
    counts: Address,
  ): void;
  forward(
    batch: number,
    inputs: Address,
    inputStride: Bytes,
    lists: Address,
    counts: Address,
    weights: Address,
    bias: Address,
    outputs: Address,
    outputStride: Bytes,
    rectify: boolean,
  ): void;
  softmaxCrossEntropy(
    batch: number,
    logits: Address,
    errors: Address,
    stride: Bytes,
    classes: number,
    labels: Address,
  ): number;
  backward(
    batch: number,
    errors: Address,
    outputStride: Bytes,
    weights: Address,
    lists: Address,
    counts: Address,
    inputErrors: Address,
    inputStride: Bytes,
  ): void;
  accumulate(
    batch: number,
    inputs: Address,
    inputStride: Bytes,
    inputWidth: number,
    lists: Address,
    counts: Address,
    errors: Address,
    outputStride: Bytes,
    target: Address,
    targetBias: Address,
    scale: number,
    members: Address,
    memberCounts: Address,
  ): void;
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

let compiled: WebAssembly.Module | null | undefined;

/** The compiled kernels, or null where WebAssembly, its SIMD, or compiling at all (a page's CSP) is missing. */
export function compiledKernels(): WebAssembly.Module | null {
  if (compiled !== undefined) return compiled;
  try {
    const text = atob(DENSE_KERNELS_BASE64);
    compiled = new WebAssembly.Module(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  } catch {
    compiled = null;
  }
  return compiled;
}

export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): DenseKernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports as unknown as DenseKernels;
}
