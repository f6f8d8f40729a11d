/** How a convolution's kernel should have been: the gradient that tfjs's WASM backend lacks. */
import {
  backend_util,
  Conv2DBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { floatsOf, type WasmHeap, zerosOn } from './heap.ts';
import { wroteBackwardPass } from './on-own-kernels.ts';

export const conv2DBackpropFilter: KernelConfig = {
  kernelName: Conv2DBackpropFilter,
  backendName: 'wasm',
  kernelFunc({ inputs, attrs, backend }) {
    const { x, dy } = inputs as Record<'x' | 'dy', TensorInfo>;
    const { strides, pad, dataFormat, dimRoundingMode, filterShape } =
      attrs as unknown as Conv2DBackpropFilterAttrs;
    if (dataFormat !== 'NHWC')
      throw new Error(`convolutions are trained channels last, not as ${dataFormat}`);
    const heap = backend as WasmHeap;
    const sizes = backend_util.computeConv2DInfo(
      x.shape as [number, number, number, number],
      filterShape,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const filter = zerosOn(heap, filterShape);
    const input = floatsOf(heap, x);
    const gradient = floatsOf(heap, dy);
    const target = floatsOf(heap, filter);
    const wanted = { kernelFrom: input };
    if (!wroteBackwardPass({ kind: 'convolution', sizes, gradient, wanted }, target))
      addFilterGradient(sizes, input, gradient, target);
    return filter;
  },
};

/** For unequal strides, and without SIMD. filter[i, j, c, f] += sum of input[y * stride + i - top, x * stride + j - left, c] * gradient[y, x, f]. */
function addFilterGradient(
  sizes: backend_util.Conv2DInfo,
  input: Float32Array,
  gradient: Float32Array,
  filter: Float32Array,
): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = sizes;
  for (let example = 0; example < batchSize; example += 1) {
    for (let y = 0; y < outHeight; y += 1) {
      for (let x = 0; x < outWidth; x += 1) {
        const from = ((example * outHeight + y) * outWidth + x) * outChannels;
        for (let i = 0; i < sizes.filterHeight; i += 1) {
          const row = y * sizes.strideHeight + i - sizes.padInfo.top;
          if (row < 0 || row >= inHeight) continue;
          for (let j = 0; j < sizes.filterWidth; j += 1) {
            const column = x * sizes.strideWidth + j - sizes.padInfo.left;
            if (column < 0 || column >= inWidth) continue;
            const source = ((example * inHeight + row) * inWidth + column) * inChannels;
            let target = (i * sizes.filterWidth + j) * inChannels * outChannels;
            for (let c = 0; c < inChannels; c += 1) {
              const value = input[source + c];
              for (let f = 0; f < outChannels; f += 1, target += 1)
                filter[target] += value * gradient[from + f];
            }
          }
        }
      }
    }
  }
}
