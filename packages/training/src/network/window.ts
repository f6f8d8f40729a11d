import type { Window } from './network.ts';

export interface WindowSizes {
  readonly height: number;
  readonly width: number;
  /** Side of the square kernel. */
  readonly kernel: number;
  readonly stride: number;
  readonly padding: 'same' | 'valid';
}

/** As TensorFlow computes it: `same` gives ceil(size / stride) outputs and pads the smaller half before. */
export function windowOf({ height, width, kernel, stride, padding }: WindowSizes): Window {
  const along = (size: number): { readonly output: number; readonly before: number } => {
    if (padding === 'valid') return { output: Math.floor((size - kernel) / stride) + 1, before: 0 };
    const output = Math.ceil(size / stride);
    const missing = Math.max(0, (output - 1) * stride + kernel - size);
    return { output, before: Math.floor(missing / 2) };
  };
  const down = along(height);
  const across = along(width);
  return {
    inputHeight: height,
    inputWidth: width,
    outputHeight: down.output,
    outputWidth: across.output,
    kernelHeight: kernel,
    kernelWidth: kernel,
    stride,
    paddingTop: down.before,
    paddingLeft: across.before,
  };
}
