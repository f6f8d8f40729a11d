import type { OperationMemory } from '../../network/memory-plan.ts';
import type { Network, Operation, OperationKind } from '../../network/network.ts';
import type { MemoryChoices, PlacedOperation, Placement, WebGpuOperation } from '../operation.ts';
import { averagePooling } from './average-pooling.ts';
import { causalAttention } from './causal-attention.ts';
import { convolution } from './convolution.ts';
import { dense } from './dense.ts';
import { depthwiseConvolution } from './depthwise-convolution.ts';
import { embedding } from './embedding.ts';
import { gatedRecurrence } from './gated-recurrence.ts';
import { layerNormalisation } from './layer-normalisation.ts';
import { maxPooling } from './max-pooling.ts';
import { reshape } from './reshape.ts';
import { sum } from './sum.ts';

const OPERATIONS: { readonly [Kind in OperationKind]: WebGpuOperation<Kind> } = {
  dense,
  convolution,
  'depthwise-convolution': depthwiseConvolution,
  'max-pooling': maxPooling,
  'average-pooling': averagePooling,
  reshape,
  embedding,
  'layer-normalisation': layerNormalisation,
  'causal-attention': causalAttention,
  'gated-recurrence': gatedRecurrence,
  sum,
};

export function memoryOf(
  operation: Operation,
  network: Network,
  examplesPerPass: number,
  choices: MemoryChoices,
): OperationMemory {
  return implementationOf(operation).memory(operation, network, examplesPerPass, choices);
}

export function placeOperation(operation: Operation, placement: Placement): PlacedOperation {
  return implementationOf(operation).place(operation, placement);
}

/** The table pairs each kind with its own implementation, which the compiler cannot follow through a union. */
function implementationOf({ kind }: Operation): WebGpuOperation<OperationKind> {
  return OPERATIONS[kind] as WebGpuOperation<OperationKind>;
}
