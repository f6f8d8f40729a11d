import type { OperationMemory } from '../../network/memory-plan.ts';
import type { Network, Operation, OperationKind } from '../../network/network.ts';
import type { PlacedOperation, Placement, WebGpuOperation } from '../operation.ts';
import type { Tiles } from '../tiles.ts';
import { convolution } from './convolution.ts';
import { dense } from './dense.ts';
import { maxPooling } from './max-pooling.ts';
import { reshape } from './reshape.ts';
import { sum } from './sum.ts';

const OPERATIONS: { readonly [Kind in OperationKind]?: WebGpuOperation<Kind> } = {
  convolution,
  dense,
  'max-pooling': maxPooling,
  reshape,
  sum,
};

export function memoryOf(
  operation: Operation,
  network: Network,
  examplesPerPass: number,
  tiles: Tiles,
): OperationMemory {
  return implementationOf(operation).memory(operation, network, examplesPerPass, tiles);
}

export function placeOperation(operation: Operation, placement: Placement): PlacedOperation {
  return implementationOf(operation).place(operation, placement);
}

/** The table pairs each kind with its own implementation, which the compiler cannot follow through a union. */
function implementationOf({ kind }: Operation): WebGpuOperation<OperationKind> {
  const found = OPERATIONS[kind];
  if (found === undefined) throw new Error(`WebGPU has no ${kind} yet`);
  return found as WebGpuOperation<OperationKind>;
}
