/** Gradients that tfjs 4.22 lacks or gets wrong on WASM alone, so that models with these layers train there, too. */
import { getKernel, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { conv2DBackpropFilter } from './conv2d-backprop-filter.ts';
import { depthwiseBackpropFilter } from './depthwise-backprop-filter.ts';
import { depthwiseBackpropInput } from './depthwise-backprop-input.ts';
import { maxPoolGrad } from './max-pool-grad.ts';
import { unsortedSegmentSum } from './unsorted-segment-sum.ts';

const KERNELS = [
  conv2DBackpropFilter,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  maxPoolGrad,
  unsortedSegmentSum,
];

/** After tfjs's own kernels, before the backend starts; a second time changes nothing. */
export function registerWasmKernels(): void {
  for (const kernel of KERNELS) {
    const { kernelName } = kernel;
    if (getKernel(kernelName, 'wasm')) unregisterKernel(kernelName, 'wasm');
    registerKernel(kernel);
  }
}
