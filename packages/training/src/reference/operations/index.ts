import type { Operation, OperationKind } from '../../network/network.ts';
import type { ReferenceOperation } from '../operation.ts';
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

const OPERATIONS: { readonly [Kind in OperationKind]: ReferenceOperation<Kind> } = {
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

export function referenceOf({ kind }: Operation): ReferenceOperation<OperationKind> {
  // The compiler cannot see that the kinds of operation and entry agree.
  return OPERATIONS[kind] as ReferenceOperation<OperationKind>;
}
