import {
  backend_util,
  DepthwiseConv2dNativeBackpropFilter,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { forEachPlace } from './depthwise-places.ts';
import { floatsOf, type WasmHeap, zerosOn } from './heap.ts';
import { wroteBackwardPass } from './on-own-kernels.ts';

export const depthwiseBackpropFilter: KernelConfig = {
  kernelName: DepthwiseConv2dNativeBackpropFilter,
  backendName: 'wasm',
  kernelFunc({ inputs, attrs, backend }) {
    const { x, dy } = inputs as Record<'x' | 'dy', TensorInfo>;
    const { strides, dilations, pad, dimRoundingMode, filterShape } =
      attrs as unknown as DepthwiseConv2dNativeBackpropFilterAttrs;
    const heap = backend as WasmHeap;
    const sizes = backend_util.computeConv2DInfo(
      x.shape as [number, number, number, number],
      filterShape,
      strides,
      dilations,
      pad,
      dimRoundingMode,
      true,
    );
    const result = zerosOn(heap, filterShape);
    const values = floatsOf(heap, x);
    const gradient = floatsOf(heap, dy);
    const filter = floatsOf(heap, result);
    const pass = { kind: 'depthwise-convolution', sizes, gradient, wanted: { kernelFrom: values } } as const;
    if (wroteBackwardPass(pass, filter)) return result;
    const multiplier = sizes.outChannels / sizes.inChannels;
    forEachPlace(sizes, (from, to, output) => {
      for (let c = 0, k = 0; c < sizes.inChannels; c += 1) {
        for (let q = 0; q < multiplier; q += 1, k += 1)
          filter[to + k] += values[from + c] * gradient[output + k];
      }
    });
    return result;
  },
};
