/** The planned arena as GPU buffers. */
import type { EngineSpec } from '../network/engine.ts';
import {
  bytesOfNumber,
  type MemoryLayout,
  type MemoryPlan,
  type MemoryRequest,
  planMemory,
  READABLE_BEYOND,
} from '../network/memory-plan.ts';
import type { Network, ParameterReference, ValueId } from '../network/network.ts';
import type { Gpu } from './device.ts';
import { COPY_DST, COPY_SRC, MAP_READ, STORAGE, UNIFORM } from './flags.ts';
import { halvesOf } from './half-precision.ts';
import { LOSS_SCALE_BYTES } from './loss-scale.ts';
import { memoryOf } from './operations/index.ts';
import type { BufferRange, Tensor } from './storage.ts';
import type { Tiles } from './tiles.ts';

/** WebGPU binds buffers at multiples of this. */
const ALIGNMENT = 256;
/** Fields of a pass, before the indices of its examples. */
export const BATCH_BYTES = 256;
/** Sums of squares of a gradient, when it is clipped. */
export const SQUARES = 256;

export interface GpuMemory {
  readonly bytes: number;
  readonly parameters: BufferRange;
  /** What backward passes write: of the microbatch with clipping, else of the step. */
  readonly passGradient: BufferRange;
  /** What the optimiser reads. */
  readonly gradient: BufferRange;
  readonly moments: readonly BufferRange[];
  readonly frozen: BufferRange;
  /** A sum for each label of a pass. */
  readonly losses: BufferRange;
  /** Fields of `Batch`, then indices of examples. */
  readonly control: GPUBuffer;
  readonly indices: BufferRange;
  readonly scratch: BufferRange;
  /** What is read back passes through it. */
  readonly staging: GPUBuffer;
  /** Of mixed precision. */
  readonly lossScale: BufferRange | null;
  saved(operation: number): BufferRange;
  value(id: ValueId): Tensor;
  gradientOf(id: ValueId): Tensor;
  parameter(reference: ParameterReference, width: number): Tensor;
  parameterGradient(reference: ParameterReference, width: number): Tensor;
  release(): void;
}

/** With halves, of mixed precision. */
export function gpuMemoryLayout(tiles: Tiles, halves: ReadonlySet<ValueId> | null = null): MemoryLayout {
  const inHalves = halves ?? new Set<ValueId>();
  return {
    halves: inHalves,
    bytesPerNumber: 4,
    bytesPerParameterGradient: 4,
    alignment: ALIGNMENT,
    control: (network, examplesPerPass) => {
      const pass = aligned(BATCH_BYTES + 4 * examplesPerPass);
      const lossScale = halves === null ? 0 : ALIGNMENT;
      return pass + lossScale + aligned(4 * stagingSize(network, examplesPerPass));
    },
    needs(operation, network, examplesPerPass) {
      const { saved, scratch } = memoryOf(operation, network, examplesPerPass, {
        tiles,
        halves: inHalves,
      });
      return { saved: Math.max(16, saved), scratch: Math.max(4 * (SQUARES + 1), scratch) };
    },
  };
}

export function takeMemory({ device, tiles, traits }: Gpu, spec: EngineSpec): GpuMemory {
  const { network, examplesPerPass } = spec;
  const halves = halvesOf(spec);
  const layout = gpuMemoryLayout(tiles, halves);
  const halfStorage = traits.hasHalves ? 'f16' : 'packed';
  const plan = planMemory({ ...spec, layout } satisfies MemoryRequest, examplesPerPass);
  const taken: GPUBuffer[] = [];
  const take = (bytes: number, usage = STORAGE | COPY_DST | COPY_SRC): GPUBuffer => {
    // As the plan counts: every buffer begins at a multiple.
    const buffer = device.createBuffer({ size: Math.max(ALIGNMENT, aligned(bytes)), usage });
    taken.push(buffer);
    return buffer;
  };
  const whole = (bytes: number, access: BufferRange['access'] = 'read'): BufferRange => {
    const buffer = take(bytes);
    return { buffer, offset: 0, size: buffer.size, access };
  };
  const vector = 4 * network.trainedSize;
  const { values } = network;
  const parameters = whole(vector);
  const gradient = whole(vector);
  const passGradient = plan.microbatchGradient === null ? gradient : whole(vector);
  const moments = plan.moments.map(() => whole(vector));
  // WebGPU has no empty buffers; of a model without frozen parameters nobody reads this.
  const frozen = network.frozenSize === 0 ? parameters : whole(4 * network.frozenSize);
  const losses = whole(4 * values[network.logits].rows * examplesPerPass);
  const needs = network.operations.map((operation) => layout.needs(operation, network, examplesPerPass));
  const scratch = whole(Math.max(...needs.map((need) => need.scratch)), 'read_write');
  const lossScale = halves === null ? null : whole(LOSS_SCALE_BYTES);
  const control = take(BATCH_BYTES + 4 * examplesPerPass, STORAGE | COPY_DST | COPY_SRC | UNIFORM);
  const staging = take(4 * stagingSize(network, examplesPerPass), MAP_READ | COPY_DST);

  const start = Math.min(...plan.values, ...plan.saved, ...plan.gradients.map((at) => at ?? plan.bytes));
  // Our shaders stay within their buffers, or WebGPU makes them.
  const arena = take(plan.arenaBytes - READABLE_BEYOND - start);
  const within = (offset: number, bytes: number): BufferRange => ({
    buffer: arena,
    offset: offset - start,
    size: Math.ceil(bytes / 16) * 16,
    access: 'read_write',
  });
  const matrixAt = (offset: number, id: ValueId): Tensor => ({
    range: within(offset, bytesOfNumber(layout, id) * values[id].rows * values[id].width * examplesPerPass),
    storage: halves?.has(id) ? halfStorage : 'f32',
    isGrouped: values[id].width % 4 === 0,
    base: 0,
  });
  const parameterIn = (range: BufferRange, { offset }: ParameterReference, width: number): Tensor => ({
    range,
    storage: 'f32',
    isGrouped: offset % 4 === 0 && width % 4 === 0,
    base: offset,
  });
  return {
    bytes: taken.reduce((sum, { size }) => sum + size, 0),
    parameters,
    passGradient,
    gradient,
    moments,
    frozen,
    losses,
    control,
    indices: { buffer: control, offset: BATCH_BYTES, size: 4 * examplesPerPass, access: 'read' },
    scratch,
    lossScale,
    staging,
    saved: (operation) => within(plan.saved[operation], needs[operation].saved),
    value: (id) => matrixAt(plan.values[id], id),
    gradientOf: (id) => matrixAt(gradientPlace(plan, network, id), id),
    parameter: (reference, width) =>
      parameterIn(reference.store === 'trained' ? parameters : frozen, reference, width),
    parameterGradient: (reference, width) => parameterIn(passGradient, reference, width),
    release() {
      for (const buffer of taken) buffer.destroy();
    },
  };
}

/** Numbers that one reading takes at most: a vector of the model's size, or the losses of a pass. */
function stagingSize({ trainedSize, values, logits }: Network, examplesPerPass: number): number {
  return Math.max(trainedSize, values[logits].rows * examplesPerPass);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function gradientPlace(plan: MemoryPlan, network: Network, id: ValueId): number {
  const place = plan.gradients[id];
  if (place === null) throw new Error(`value ${id} of ${network.values.length} has no gradient`);
  return place;
}
