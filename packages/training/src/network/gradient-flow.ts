/** Which gradients a backward pass needs, and who begins them: the same for every engine. */
import type { Network, Operation, ValueId } from './network.ts';

/**
 * What an operation does with the gradient of one of its inputs: nothing, because no trained parameter lies before it;
 * `write` as the first one in backward order, which leaves no gradient uncleared; `add` after another consumer of that value.
 */
export type GradientMode = 'none' | 'write' | 'add';

export interface GradientFlow {
  /** Whether this operation has any work in a backward pass. */
  readonly isNeeded: boolean;
  readonly input: GradientMode;
  /** Of a `sum`'s second input; `none` for all other operations. */
  readonly other: GradientMode;
}

/** One entry per operation, in the network's order. */
export function gradientFlow({ operations, input }: Network): readonly GradientFlow[] {
  const needsGradient = new Set<ValueId>();
  for (const operation of operations) {
    const reached = trains(operation) || inputsOf(operation).some((value) => needsGradient.has(value));
    if (reached) needsGradient.add(operation.output);
  }
  needsGradient.delete(input);
  const begun = new Set<ValueId>();
  const modeOf = (value: ValueId): GradientMode => {
    if (!needsGradient.has(value)) return 'none';
    if (begun.has(value)) return 'add';
    begun.add(value);
    return 'write';
  };
  const backwards = [...operations].reverse().map((operation): GradientFlow => {
    const isNeeded = needsGradient.has(operation.output);
    const first = isNeeded ? modeOf(operation.input) : 'none';
    const second = isNeeded && operation.kind === 'sum' ? modeOf(operation.other) : 'none';
    return { isNeeded, input: first, other: second };
  });
  return backwards.reverse();
}

export function inputsOf(operation: Operation): readonly ValueId[] {
  return operation.kind === 'sum' ? [operation.input, operation.other] : [operation.input];
}

function trains(operation: Operation): boolean {
  switch (operation.kind) {
    case 'dense':
      return [operation.kernel, operation.bias].some((parameter) => parameter?.store === 'trained');
    case 'convolution':
    case 'depthwise-convolution':
      return operation.kernel.store === 'trained';
    case 'embedding':
      return operation.table.store === 'trained';
    case 'layer-normalisation':
      return operation.scale.store === 'trained';
    case 'gated-recurrence':
      return operation.recurrent.store === 'trained';
    case 'max-pooling':
    case 'average-pooling':
    case 'reshape':
    case 'causal-attention':
    case 'sum':
      return false;
  }
}
