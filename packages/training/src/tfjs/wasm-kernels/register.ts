/** Gradients that tfjs 4.22 lacks or gets wrong on WASM alone, so that models with these layers train there, too. */
import { Conv2DBackpropInput, getKernel, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { conv2DBackpropFilter } from './conv2d-backprop-filter.ts';
import { conv2DBackpropInput } from './conv2d-backprop-input.ts';
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

let isDone = false;

/** After tfjs's own kernels, before the backend starts, which sets them up; a second time changes nothing. */
export function registerWasmKernels(): void {
  if (isDone) return;
  isDone = true;
  const theirs = getKernel(Conv2DBackpropInput, 'wasm');
  for (const kernel of [...KERNELS, conv2DBackpropInput(theirs)]) {
    const { kernelName } = kernel;
    if (getKernel(kernelName, 'wasm')) unregisterKernel(kernelName, 'wasm');
    registerKernel(kernel);
  }
}
