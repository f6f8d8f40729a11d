/**
 * Which values take half the room in mixed precision (Micikevicius et al. 2018, "Mixed Precision Training"): what operations
 * compute, and its gradient. Parameters, their gradients, and every sum in a register stay float32. So does the input,
 * because nobody promised that somebody's data fit into half precision, and so do the logits, whose exponentials the loss takes.
 */
import type { EngineSpec } from '../network/engine.ts';
import type { Network, ValueId } from '../network/network.ts';

/** Null in float32. */
export const halvesOf = ({ network, precision }: Pick<EngineSpec, 'network' | 'precision'>) =>
  precision === 'mixed' ? valuesInHalves(network) : null;

export function valuesInHalves({ values, operations, input, logits }: Network): ReadonlySet<ValueId> {
  const halves = new Set<ValueId>();
  // Halves are reached four at a time, so that no two invocations write one word.
  values.forEach(({ width }, id) => {
    if (width % 4 === 0 && id !== input && id !== logits) halves.add(id);
  });
  for (const operation of operations) {
    const { kind, output } = operation;
    if (kind === 'causal-attention' && (values[output].width / operation.heads) % 4 !== 0) {
      halves.delete(operation.input);
      halves.delete(output);
    }
  }
  leaveOutHalfReshaped(operations, halves);
  return halves;
}

/** The two ends of a reshape lie in one place. */
function leaveOutHalfReshaped(operations: Network['operations'], halves: Set<ValueId>): void {
  const before = halves.size;
  for (const { kind, input, output } of operations) {
    if (kind !== 'reshape' || (halves.has(input) && halves.has(output))) continue;
    halves.delete(input);
    halves.delete(output);
  }
  if (halves.size < before) leaveOutHalfReshaped(operations, halves);
}
