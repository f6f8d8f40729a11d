/**
 * How one kind of operation runs on a GPU: as dispatches, made once for the shapes of a network and encoded anew in every
 * step. Dispatches run one after another, and each sees what those before it wrote.
 *
 * @example
 * ```ts
 * export const doubling: WebGpuOperation<'doubling'> = {
 *   memory: () => ({ saved: 0, scratch: 0 }),
 *   place: ({ input, output }, { network, value }) => ({
 *     forward: [
 *       dispatchOver({
 *         label: 'doubling',
 *         count: groupsPerExample(numbersOf(network.values[output])),
 *         bindings: { input: reads(value(input)), output: writes(value(output)) },
 *         body: 'output_put_group(i, 2.0 * input_group(i));',
 *       }),
 *     ],
 *     backward: [],
 *   }),
 * };
 * ```
 */
import type { GradientFlow, GradientMode } from '../network/gradient-flow.ts';
import type { OperationMemory } from '../network/memory-plan.ts';
import type {
  Network,
  OperationKind,
  OperationOf,
  ParameterReference,
  Value,
  ValueId,
} from '../network/network.ts';
import type { Dispatch } from './dispatch.ts';
import type { SlopeDuty } from './relu-slope.ts';
import { adds, type Binding, type BufferRange, type Tensor, writes } from './storage.ts';
import type { Tiles } from './tiles.ts';

export interface Placement {
  readonly network: Network;
  readonly examplesPerPass: number;
  readonly flow: GradientFlow;
  readonly device: DeviceTraits;
  readonly tiles: Tiles;
  /** Who multiplies by the slope of a ReLU. */
  readonly slope: SlopeDuty;
  /** The bytes that `memory` asked for; at least 16, because WebGPU binds no empty range. */
  readonly saved: BufferRange;
  readonly scratch: BufferRange;
  /** Matrices of examples x rows rows. A last group of four that is only half theirs may be read and written. */
  value(id: ValueId): Tensor;
  gradient(id: ValueId): Tensor;
  /** `size` in numbers and `width` of its rows decide whether it is reached in groups. */
  parameter(reference: ParameterReference, width: number): Tensor;
  /** Only of trained parameters. Use it with `accumulates`: every number once in a backward pass. */
  parameterGradient(reference: ParameterReference, width: number): Tensor;
}

/** What shaders may be made for. */
export interface DeviceTraits {
  /** A CPU that plays GPU (SwiftShader, llvmpipe): workgroup memory and barriers cost much, long invocations little. */
  readonly isSoftware: boolean;
  readonly hasHalves: boolean;
}

export interface PlacedOperation {
  readonly forward: readonly Dispatch[];
  /**
   * Accumulates the gradients of its trained parameters; writes or adds to those of its inputs as `flow` says. May spoil
   * the gradient of its output, which nobody reads afterwards.
   */
  readonly backward: readonly Dispatch[];
}

/** What the memory of an operation depends on beside its shapes. */
export interface MemoryChoices {
  readonly tiles: Tiles;
  /** Values in half precision. What an operation saves of its output's kind is stored as that output is. */
  readonly halves: ReadonlySet<ValueId>;
}

export interface WebGpuOperation<Kind extends OperationKind> {
  /** In bytes. Both may be bound as whatever type, whatever the storage of values. */
  memory(
    operation: OperationOf<Kind>,
    network: Network,
    examplesPerPass: number,
    choices: MemoryChoices,
  ): OperationMemory;
  place(operation: OperationOf<Kind>, placement: Placement): PlacedOperation;
}

/** Numbers per example. */
export const numbersOf = ({ rows, width }: Value): number => rows * width;

/** The gradient of an input as `flow` wants it; only where that is not `none`. */
export function writesOrAdds(mode: GradientMode, gradient: Tensor): Binding {
  return mode === 'add' ? adds(gradient) : writes(gradient);
}
