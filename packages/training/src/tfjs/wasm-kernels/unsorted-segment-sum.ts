/** The gradient of a look-up: each row goes back to the row of the table that it came from. */
import {
  type KernelConfig,
  type TensorInfo,
  UnsortedSegmentSum,
  type UnsortedSegmentSumAttrs,
} from '@tensorflow/tfjs-core';
import { floatsOf, integersOf, type WasmHeap, zerosOn } from './heap.ts';

export const unsortedSegmentSum: KernelConfig = {
  kernelName: UnsortedSegmentSum,
  backendName: 'wasm',
  kernelFunc({ inputs, attrs, backend }) {
    const { x, segmentIds } = inputs as Record<'x' | 'segmentIds', TensorInfo>;
    const { numSegments } = attrs as unknown as UnsortedSegmentSumAttrs;
    const heap = backend as WasmHeap;
    const shape = [numSegments, ...x.shape.slice(segmentIds.shape.length)];
    const result = zerosOn(heap, shape);
    const rows = floatsOf(heap, x);
    const segments = integersOf(heap, segmentIds);
    const sums = floatsOf(heap, result);
    const width = sums.length / numSegments;
    segments.forEach((segment, row) => {
      // As TensorFlow has it: rows of no segment are left out.
      if (segment < 0 || segment >= numSegments) return;
      for (let i = 0; i < width; i += 1) sums[segment * width + i] += rows[row * width + i];
    });
    return result;
  },
};
