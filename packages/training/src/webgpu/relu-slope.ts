/**
 * The gradient before a ReLU is zero wherever its output is zero. Where an operation is the only reader of such an output and
 * reads it in its backward pass anyway, it leaves those zeros itself, which saves the producer a pass over both matrices.
 */
import { gradientFlow, inputsOf } from '../network/gradient-flow.ts';
import type { Network, Operation, ValueId } from '../network/network.ts';

export interface SlopeDuty {
  /** The gradient of the output arrives with the zeros of this operation's own ReLU. */
  readonly isDoneForOutput: boolean;
  /** The gradient of the input must be given the zeros of its producer's ReLU. */
  readonly isDueForInput: boolean;
}

/** One for each operation. */
export function slopeDuties(network: Network): readonly SlopeDuty[] {
  const flow = gradientFlow(network);
  const readers = (value: ValueId): readonly number[] =>
    network.operations.flatMap((operation, index) => (inputsOf(operation).includes(value) ? [index] : []));
  const takesOver = ({ output }: Operation): boolean => {
    const [reader, ...others] = readers(output);
    if (reader === undefined || others.length > 0) return false;
    const { kind } = network.operations[reader]!;
    return (
      (kind === 'dense' || kind === 'convolution' || kind === 'max-pooling') &&
      flow[reader]!.input === 'write'
    );
  };
  const isDone = network.operations.map(
    (operation) => 'activation' in operation && operation.activation === 'relu' && takesOver(operation),
  );
  return network.operations.map((operation, index) => {
    const producer = network.operations.findIndex(({ output }) => output === operation.input);
    return { isDoneForOutput: isDone[index]!, isDueForInput: producer >= 0 && isDone[producer]! };
  });
}
