/**
 * What a network costs, per example: a multiplication and an addition each count one, as everywhere in the literature on
 * throughput. Only products of matrices and windows are counted; what happens once per value (activations, biases,
 * normalisation, the loss, the optimiser) is small beside them, and counting it would only flatter an engine.
 */
import { type GradientFlow, gradientFlow } from './gradient-flow.ts';
import type { Network, Operation, ParameterReference } from './network.ts';

export interface FloatingPointOperations {
  readonly forward: number;
  /** The gradients that training needs, on top of `forward`. */
  readonly backward: number;
}

/** Of one example in one training step: forwards and backwards. */
export function floatingPointOperations(network: Network): FloatingPointOperations {
  const perOperation = operationCosts(network);
  return {
    forward: perOperation.reduce((sum, { forward }) => sum + forward, 0),
    backward: perOperation.reduce((sum, { backward }) => sum + backward, 0),
  };
}

/** One entry per operation, in the network's order. */
export function operationCosts(network: Network): readonly FloatingPointOperations[] {
  const flow = gradientFlow(network);
  return network.operations.map((operation, index) => {
    const forward = 2 * multiplyAdds(operation, network);
    return { forward, backward: forward * productsBackwards(operation, flow[index]) };
  });
}

/** Of a forward pass. A character's row of an embedding is copied, not multiplied. */
function multiplyAdds(operation: Operation, { values }: Network): number {
  const input = values[operation.input];
  const output = values[operation.output];
  switch (operation.kind) {
    case 'dense':
      return input.rows * input.width * output.width;
    case 'convolution': {
      const { kernelHeight, kernelWidth } = operation.window;
      return output.rows * kernelHeight * kernelWidth * input.width * output.width;
    }
    case 'depthwise-convolution': {
      const { kernelHeight, kernelWidth } = operation.window;
      return output.rows * kernelHeight * kernelWidth * output.width;
    }
    case 'causal-attention': {
      // Scores and their mean over the values; a row looks at itself and those before it.
      const pairs = (output.rows * (output.rows + 1)) / 2;
      return 2 * pairs * output.width;
    }
    case 'gated-recurrence':
      return output.rows * output.width * 3 * output.width;
    case 'max-pooling':
    case 'average-pooling':
    case 'reshape':
    case 'embedding':
    case 'layer-normalisation':
    case 'sum':
      return 0;
  }
}

/** How many products of the forward pass's size the backward pass has: one for each factor with a gradient. */
function productsBackwards(operation: Operation, flow: GradientFlow): number {
  if (!flow.isNeeded) return 0;
  const forInput = flow.input === 'none' ? 0 : 1;
  const forKernel = (kernel: ParameterReference): number => (kernel.store === 'trained' ? 1 : 0);
  switch (operation.kind) {
    case 'dense':
    case 'convolution':
    case 'depthwise-convolution':
      return forInput + forKernel(operation.kernel);
    case 'causal-attention':
      // Both factors of both of its products are computed values.
      return 2;
    case 'gated-recurrence':
      // The state goes back through time whatever lies before it.
      return 1 + forKernel(operation.recurrent);
    case 'max-pooling':
    case 'average-pooling':
    case 'reshape':
    case 'embedding':
    case 'layer-normalisation':
    case 'sum':
      return 0;
  }
}
