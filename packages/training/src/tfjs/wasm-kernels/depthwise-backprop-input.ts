import {
  backend_util,
  DepthwiseConv2dNativeBackpropInput,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { forEachPlace } from './depthwise-places.ts';
import { floatsOf, type WasmHeap, zerosOn } from './heap.ts';
import { wroteBackwardPass } from './on-own-kernels.ts';

export const depthwiseBackpropInput: KernelConfig = {
  kernelName: DepthwiseConv2dNativeBackpropInput,
  backendName: 'wasm',
  kernelFunc({ inputs, attrs, backend }) {
    const { dy, filter } = inputs as Record<'dy' | 'filter', TensorInfo>;
    const { strides, dilations, pad, dimRoundingMode, inputShape } =
      attrs as unknown as DepthwiseConv2dNativeBackpropInputAttrs;
    const heap = backend as WasmHeap;
    const sizes = backend_util.computeConv2DInfo(
      inputShape,
      filter.shape as [number, number, number, number],
      strides,
      dilations,
      pad,
      dimRoundingMode,
      true,
    );
    const result = zerosOn(heap, inputShape);
    const gradient = floatsOf(heap, dy);
    const weights = floatsOf(heap, filter);
    const image = floatsOf(heap, result);
    const pass = { kind: 'depthwise-convolution', sizes, gradient, wanted: { inputFrom: weights } } as const;
    if (wroteBackwardPass(pass, image)) return result;
    const multiplier = sizes.outChannels / sizes.inChannels;
    forEachPlace(sizes, (to, from, output) => {
      for (let c = 0, k = 0; c < sizes.inChannels; c += 1) {
        for (let q = 0; q < multiplier; q += 1, k += 1)
          image[to + c] += weights[from + k] * gradient[output + k];
      }
    });
    return result;
  },
};
