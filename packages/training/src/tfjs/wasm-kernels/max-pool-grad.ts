/** Replaces tfjs's own, which forgets windows without a positive value. Of equals the first in reading order takes the gradient. */
import {
  backend_util,
  type KernelConfig,
  MaxPoolGrad,
  type MaxPoolGradAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { floatsOf, type WasmHeap, zerosOn } from './heap.ts';

export const maxPoolGrad: KernelConfig = {
  kernelName: MaxPoolGrad,
  backendName: 'wasm',
  kernelFunc({ inputs, attrs, backend }) {
    const { dy, input } = inputs as Record<'dy' | 'input', TensorInfo>;
    const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as MaxPoolGradAttrs;
    const heap = backend as WasmHeap;
    const sizes = backend_util.computePool2DInfo(
      input.shape as [number, number, number, number],
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const result = zerosOn(heap, input.shape);
    handBack(sizes, floatsOf(heap, input), floatsOf(heap, dy), floatsOf(heap, result));
    return result;
  },
};

function handBack(
  sizes: backend_util.Conv2DInfo,
  input: Float32Array,
  gradient: Float32Array,
  target: Float32Array,
): void {
  const { batchSize, inHeight, inWidth, outHeight, outWidth, inChannels: channels } = sizes;
  for (let example = 0; example < batchSize; example += 1) {
    for (let y = 0; y < outHeight; y += 1) {
      const top = y * sizes.strideHeight - sizes.padInfo.top;
      const bottom = Math.min(inHeight, top + sizes.filterHeight);
      for (let x = 0; x < outWidth; x += 1) {
        const left = x * sizes.strideWidth - sizes.padInfo.left;
        const right = Math.min(inWidth, left + sizes.filterWidth);
        const from = ((example * outHeight + y) * outWidth + x) * channels;
        for (let channel = 0; channel < channels; channel += 1) {
          let highest = Number.NEGATIVE_INFINITY;
          let winner = -1;
          for (let row = Math.max(0, top); row < bottom; row += 1) {
            for (let column = Math.max(0, left); column < right; column += 1) {
              const at = ((example * inHeight + row) * inWidth + column) * channels + channel;
              if (input[at] > highest) {
                highest = input[at];
                winner = at;
              }
            }
          }
          if (winner >= 0) target[winner] += gradient[from + channel];
        }
      }
    }
  }
}
