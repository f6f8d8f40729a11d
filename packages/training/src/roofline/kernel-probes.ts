/** Which kernels are measured: of each kind of operation the one that works most in the typical models. */
import { operationCosts } from '../network/floating-point-operations.ts';
import { gradientFlow, inputsOf } from '../network/gradient-flow.ts';
import type { Network, Operation, ParameterReference } from '../network/network.ts';
import { networkOf } from '../network/network-of.ts';
import type { KernelWork } from './roofline.ts';
import { TYPICAL_MODELS, type TypicalModel } from './typical-models.ts';

const FLOAT = 4;

export interface KernelProbe {
  /** Null for a product of matrices that belongs to no model. */
  readonly model: TypicalModel | null;
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

/** With 32 examples a product of 512 x 512 matrices: what the best shape gets from the kernels. */
export const MATRIX_PRODUCT: KernelProbe = probeOf(
  null,
  {
    values: [
      { rows: 16, width: 512 },
      { rows: 16, width: 512 },
    ],
    operations: [
      {
        kind: 'dense',
        input: 0,
        output: 1,
        kernel: { store: 'trained', offset: 0 },
        bias: null,
        activation: 'linear',
      },
    ],
    input: 0,
    logits: 1,
    trainedSize: 512 * 512,
    frozenSize: 0,
  },
  0,
);

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
  return [MATRIX_PRODUCT, ...heaviest.values()];
}

const weight = ({ forward }: KernelProbe): number => forward.flops + forward.bytes;

function probeOf(model: TypicalModel | null, network: Network, index: number): KernelProbe {
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

/** Numbers that no kernel skips, and that no repetition drives to infinity or to nothing; characters for an embedding. */
export function fillInput({ network, index }: KernelProbe, numbers: Float32Array | Float64Array): void {
  const operation = network.operations[index];
  for (let i = 0; i < numbers.length; i += 1) {
    numbers[i] =
      operation.kind === 'embedding' ? i % operation.vocabularySize : ((i * 37) % 101) / 101 - 0.497;
  }
}

/**
 * Kernels that may multiply the gradient of their output where it lies: called again and again, they would end at denormal
 * numbers. Both take so long that putting it back for each call costs nothing beside them.
 */
export function spoilsItsGradient({ network, index }: KernelProbe): boolean {
  const operation = network.operations[index];
  return (
    operation.kind === 'gated-recurrence' || (operation.kind === 'dense' && operation.activation === 'gelu')
  );
}
