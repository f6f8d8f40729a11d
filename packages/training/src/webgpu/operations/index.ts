import type { OperationMemory } from '../../network/memory-plan.ts';
import type { Network, Operation, OperationKind } from '../../network/network.ts';
import type { PlacedOperation, Placement, WebGpuOperation } from '../operation.ts';
import { reshape } from './reshape.ts';
import { sum } from './sum.ts';

const OPERATIONS: { readonly [Kind in OperationKind]?: WebGpuOperation<Kind> } = {
  reshape,
  sum,
};

export function memoryOf(operation: Operation, network: Network, examplesPerPass: number): OperationMemory {
  return implementationOf(operation).memory(operation, network, examplesPerPass);
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
