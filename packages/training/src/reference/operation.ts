/** How one kind of operation runs in plain TypeScript: one example at a time, in double precision. */
import type { GradientFlow, GradientMode } from '../network/gradient-flow.ts';
import type { Network, OperationKind, OperationOf, ParameterReference, ValueId } from '../network/network.ts';

export interface Placement {
  readonly network: Network;
  readonly flow: GradientFlow;
  /** Kept from the forward to the backward pass of an example. */
  readonly saved: Float64Array;
  value(id: ValueId): Float64Array;
  gradient(id: ValueId): Float64Array;
  parameter(reference: ParameterReference, size: number): Float32Array;
  /** Null for frozen parameters. */
  parameterGradient(reference: ParameterReference, size: number): Float64Array | null;
}

export interface PlacedOperation {
  forward(): void;
  /** Adds to the gradients of its trained parameters, and writes or adds to those of its inputs as `flow` says. */
  backward(): void;
}

export interface ReferenceOperation<Kind extends OperationKind> {
  /** How many numbers it saves for an example. */
  saved(operation: OperationOf<Kind>, network: Network): number;
  place(operation: OperationOf<Kind>, placement: Placement): PlacedOperation;
}

/**
 * The gradient that an operation adds to: cleared first where it is the first to do so, null where nobody wants it.
 */
export function openGradient(placement: Placement, id: ValueId, mode: GradientMode): Float64Array | null {
  if (mode === 'none') return null;
  const gradient = placement.gradient(id);
  if (mode === 'write') gradient.fill(0);
  return gradient;
}
