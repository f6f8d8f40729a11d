/** Tensors of tfjs's WASM backend as arrays in its memory. A view is valid until the next allocation there. */
import type { TensorInfo } from '@tensorflow/tfjs-core';

/** The little of `BackendWasm` that a kernel needs; its own type is not reachable without loading it. */
export interface WasmHeap {
  typedArrayFromHeap(tensor: TensorInfo): unknown;
  disposeData(dataId: TensorInfo['dataId']): boolean;
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo;
}

export function floatsOf(heap: WasmHeap, tensor: TensorInfo): Float32Array {
  return heap.typedArrayFromHeap(tensor) as Float32Array;
}

export function integersOf(heap: WasmHeap, tensor: TensorInfo): Int32Array {
  return heap.typedArrayFromHeap(tensor) as Int32Array;
}

/** A new tensor, all zeros. Allocate before viewing anything: an allocation may move the memory. */
export function zerosOn(heap: WasmHeap, shape: readonly number[]): TensorInfo {
  const tensor = heap.makeOutput([...shape], 'float32');
  floatsOf(heap, tensor).fill(0);
  return tensor;
}
