/** Which kernels are measured: of each kind of operation the one that works most in the typical models. */
import { operationCosts } from '../network/floating-point-operations.ts';
import { gradientFlow, inputsOf } from '../network/gradient-flow.ts';
import type { Network, Operation, ParameterReference } from '../network/network.ts';
import { networkOf } from '../network/network-of.ts';
import type { KernelWork } from './roofline.ts';
import { TYPICAL_MODELS, type TypicalModel } from './typical-models.ts';

export interface KernelProbe {
  readonly model: TypicalModel;
  readonly network: Network;
  /** Index into `network.operations`. */
  readonly index: number;
  /** Per example; parameters, which all examples share, are counted apart. */
  readonly forward: PassWork;
  /** Null where training needs no gradient of it. */
  readonly backward: PassWork | null;
}

interface PassWork extends KernelWork {
  readonly parameterBytes: number;
}

/** Of a pass over a number of examples. */
export const workOf = (pass: PassWork, examples: number): KernelWork => ({
  flops: pass.flops * examples,
  bytes: pass.bytes * examples + pass.parameterBytes,
});

/** Dense layers once for each model, because their shapes differ most; all other kinds once. */
export function kernelProbes(): readonly KernelProbe[] {
  const heaviest = new Map<string, KernelProbe>();
  for (const model of Object.keys(TYPICAL_MODELS) as TypicalModel[]) {
    const network = networkOf(TYPICAL_MODELS[model]);
    network.operations.forEach((operation, index) => {
      // Costs nothing: it only gives a matrix another shape.
      if (operation.kind === 'reshape') return;
      const key = operation.kind === 'dense' ? `dense of ${model}` : operation.kind;
      const probe = probeOf(model, network, index);
      const known = heaviest.get(key);
      if (!known || weight(probe) > weight(known)) heaviest.set(key, probe);
    });
  }
  return [...heaviest.values()];
}

const weight = ({ forward }: KernelProbe): number => forward.flops + forward.bytes;

const FLOAT = 4;

function probeOf(model: TypicalModel, network: Network, index: number): KernelProbe {
  const operation = network.operations[index];
  const { forward, backward } = operationCosts(network)[index];
  const flow = gradientFlow(network)[index];
  const sizeOf = (value: number): number => network.values[value].rows * network.values[value].width;
  const inputs = inputsOf(operation).reduce((sum, value) => sum + sizeOf(value), 0);
  const output = sizeOf(operation.output);
  const parameters = parametersOf(operation, network);
  const size = parameters.reduce((sum, parameter) => sum + parameter.size, 0);
  const trained = parameters.reduce(
    (sum, { reference, size }) => sum + (reference.store === 'trained' ? size : 0),
    0,
  );
  const inputGradient = flow.input === 'none' ? 0 : sizeOf(operation.input);
  return {
    model,
    network,
    index,
    forward: { flops: forward, bytes: FLOAT * (inputs + output), parameterBytes: FLOAT * size },
    backward: flow.isNeeded
      ? {
          flops: backward,
          bytes: FLOAT * (output + inputs + inputGradient),
          // Its gradient is added to: read and written.
          parameterBytes: FLOAT * (size + 2 * trained),
        }
      : null,
  };
}

export interface Parameter {
  readonly reference: ParameterReference;
  /** In floats. */
  readonly size: number;
}

export function parametersOf(operation: Operation, { values }: Network): readonly Parameter[] {
  const input = values[operation.input];
  const output = values[operation.output];
  switch (operation.kind) {
    case 'dense': {
      const kernel = { reference: operation.kernel, size: input.width * output.width };
      return operation.bias ? [kernel, { reference: operation.bias, size: output.width }] : [kernel];
    }
    case 'convolution': {
      const { kernelHeight, kernelWidth } = operation.window;
      return [
        { reference: operation.kernel, size: kernelHeight * kernelWidth * input.width * output.width },
        { reference: operation.bias, size: output.width },
      ];
    }
    case 'depthwise-convolution': {
      const { kernelHeight, kernelWidth } = operation.window;
      return [
        { reference: operation.kernel, size: kernelHeight * kernelWidth * output.width },
        { reference: operation.bias, size: output.width },
      ];
    }
    case 'embedding': {
      const table = { reference: operation.table, size: operation.vocabularySize * output.width };
      const { positions } = operation;
      return positions ? [table, { reference: positions, size: output.rows * output.width }] : [table];
    }
    case 'layer-normalisation':
      return [
        { reference: operation.scale, size: output.width },
        { reference: operation.shift, size: output.width },
      ];
    case 'gated-recurrence':
      return [
        { reference: operation.recurrent, size: 3 * output.width ** 2 },
        { reference: operation.bias, size: 3 * output.width },
      ];
    case 'max-pooling':
    case 'average-pooling':
    case 'reshape':
    case 'causal-attention':
    case 'sum':
      return [];
  }
}
