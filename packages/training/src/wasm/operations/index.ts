import type { OperationMemory } from '../../network/memory-plan.ts';
import type { Network, Operation, OperationKind } from '../../network/network.ts';
import type { PlacedOperation, Placement, WasmOperation } from '../operation.ts';
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

const OPERATIONS: { readonly [Kind in OperationKind]: WasmOperation<Kind> } = {
  dense,
  convolution,
  'max-pooling': maxPooling,
  'depthwise-convolution': depthwiseConvolution,
  'average-pooling': averagePooling,
  reshape,
  embedding,
  'layer-normalisation': layerNormalisation,
  'causal-attention': causalAttention,
  'gated-recurrence': gatedRecurrence,
  sum,
};

export function memoryOf(operation: Operation, network: Network, examplesPerPass: number): OperationMemory {
  return implementationOf(operation).memory(operation, network, examplesPerPass);
}

export function placeOperation(operation: Operation, placement: Placement): PlacedOperation {
  return implementationOf(operation).place(operation, placement);
}

function implementationOf({ kind }: Operation): WasmOperation<OperationKind> {
  // The compiler cannot see that the kinds of operation and entry agree.
  return OPERATIONS[kind] as WasmOperation<OperationKind>;
}
