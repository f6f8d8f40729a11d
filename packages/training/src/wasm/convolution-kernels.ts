/** The exports of assembly/convolution.ts. Any stride and padding, channels last; dilation 1. */
import type { Window } from '../network/network.ts';

type Address = number;

export interface ConvolutionKernels {
  /**
   * Prepares `convolutionScratchBytes` of memory; the other calls want its address. Nothing else may use that memory between this
   * call and those. Returns its end.
   */
  layOutConvolution(
    scratch: Address,
    inputHeight: number,
    inputWidth: number,
    channels: number,
    outputHeight: number,
    outputWidth: number,
    filters: number,
    kernelHeight: number,
    kernelWidth: number,
    stride: number,
    paddingTop: number,
    paddingLeft: number,
  ): Address;
  /** output = convolution of the input with the kernel + bias (0: none), then ReLU when `rectify`. */
  convolutionForward(
    layout: Address,
    examples: number,
    input: Address,
    kernel: Address,
    bias: Address,
    output: Address,
    rectify: boolean,
  ): void;
  /** kernelGradient += and inputGradient = (or +=); an address of 0 leaves that result out. */
  convolutionBackward(
    layout: Address,
    examples: number,
    input: Address,
    kernel: Address,
    gradient: Address,
    kernelGradient: Address,
    inputGradient: Address,
    add: boolean,
  ): void;
}

export interface ConvolutionSizes {
  readonly window: Window;
  readonly channels: number;
  readonly filters: number;
}

export function layOutConvolution(
  kernels: ConvolutionKernels,
  { window, channels, filters }: ConvolutionSizes,
  scratch: Address,
): Address {
  return kernels.layOutConvolution(
    scratch,
    window.inputHeight,
    window.inputWidth,
    channels,
    window.outputHeight,
    window.outputWidth,
    filters,
    window.kernelHeight,
    window.kernelWidth,
    window.stride,
    window.paddingTop,
    window.paddingLeft,
  );
}

/** What assembly/convolution-layout.ts lays out, in bytes. */
export function convolutionScratchBytes({ window, channels, filters }: ConvolutionSizes): number {
  const { kernelHeight, kernelWidth, stride, paddingTop, paddingLeft } = window;
  const paddedHeight = Math.max(
    (window.outputHeight - 1) * stride + kernelHeight,
    paddingTop + window.inputHeight,
  );
  const paddedWidth = Math.max(
    (window.outputWidth - 1) * stride + kernelWidth,
    paddingLeft + window.inputWidth,
  );
  const pixels = window.outputHeight * window.outputWidth;
  const transposed = filters * kernelHeight * roundUp(kernelWidth * channels, 8) * 4;
  const panels = roundUp(filters, 8) * 4 * kernelHeight * kernelWidth * channels;
  const entries = pixels * filters * 4 + 64;
  const parts = [
    128,
    paddedHeight * paddedWidth * channels * 4 + 64,
    roundUp(pixels, 4) * 8,
    Math.max(transposed, panels) + 64,
    transposed + 64,
    entries,
    pixels * 4,
    entries,
    filters * 4,
  ];
  return parts.reduce((sum, bytes) => sum + roundUp(bytes, 64), 0);
}

function roundUp(count: number, multiple: number): number {
  return Math.ceil(count / multiple) * multiple;
}
