/** How one kind of operation runs on the WebAssembly kernels. Addresses count bytes; every buffer begins at a multiple of 64. */
import type { GradientFlow } from '../network/gradient-flow.ts';
import type { OperationMemory } from '../network/memory-plan.ts';
import type { Network, OperationKind, OperationOf, ParameterReference, ValueId } from '../network/network.ts';
import type { Kernels } from './kernels.ts';

export type Address = number;

export interface Placement {
  readonly network: Network;
  readonly kernels: Kernels;
  readonly examplesPerPass: number;
  readonly flow: GradientFlow;
  readonly saved: Address;
  readonly scratch: Address;
  /** Matrices of `examplesPerPass` x rows rows. Readable 64 bytes beyond their end, whatever lies there. */
  value(id: ValueId): Address;
  gradient(id: ValueId): Address;
  parameter(reference: ParameterReference): Address;
  /** Only of trained parameters. */
  parameterGradient(reference: ParameterReference): Address;
}

export interface PlacedOperation {
  forward(examples: number): void;
  /**
   * Adds to the gradients of its trained parameters; writes or adds to those of its inputs as `flow` says. May spoil the
   * gradient of its output, which nobody reads afterwards.
   */
  backward(examples: number): void;
}

export interface WasmOperation<Kind extends OperationKind> {
  memory(operation: OperationOf<Kind>, network: Network, examplesPerPass: number): OperationMemory;
  place(operation: OperationOf<Kind>, placement: Placement): PlacedOperation;
}
