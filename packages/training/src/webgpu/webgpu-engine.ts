/**
 * A network on a GPU. Examples are uploaded once, afterwards only their indices travel; a pass is one command buffer, and
 * nothing comes back but losses, logits and, in the end, parameters.
 */
import { type ClientOptimiser, type ExampleSet, TributaryError } from '@tributary/fl-core';
import type { Engine, EngineSpec } from '../network/engine.ts';
import { gradientFlow } from '../network/gradient-flow.ts';
import { type BatchFields, encodeBatch } from './batch-control.ts';
import { clippingDispatches } from './clipping.ts';
import type { Gpu, PreparedDispatch } from './device.ts';
import type { Dispatch } from './dispatch.ts';
import {
  initialLossScale,
  LOSS_SCALE_BYTES,
  LOSS_SCALING,
  type LossScale,
  type LossScaling,
  lossScaleDispatches,
  readLossScale,
} from './loss-scale.ts';
import { type GpuMemory, takeMemory } from './memory.ts';
import type { PlacedOperation } from './operation.ts';
import { placeOperation } from './operations/index.ts';
import { optimiserDispatch } from './optimiser.ts';
import { createPass } from './pass.ts';
import { readBackAlone, readBackThrough } from './read-back.ts';
import { slopeDuties } from './relu-slope.ts';
import { residentExamples } from './resident-examples.ts';

export interface WebGpuEngine extends Engine {
  takeLoss(): Promise<number>;
  predict(examples: ExampleSet, from: number, count: number): Promise<Float32Array>;
  parameters(): Promise<Float32Array>;
  optimiserState(): Promise<Float32Array[]>;
  /** Of mixed precision; null in float32. */
  lossScale(): Promise<LossScale | null>;
  /** Resolves when the GPU was lost: this engine is of no use any more, and every read rejects with the same error. */
  readonly lost: Promise<TributaryError>;
}

/** @throws TributaryError `backend-unavailable` when the GPU refuses a shader or has not the memory */
export async function createWebGpuEngine(
  gpu: Gpu,
  spec: EngineSpec,
  scaling: LossScaling = LOSS_SCALING,
): Promise<WebGpuEngine> {
  const { device } = gpu;
  const { network, optimiser, clipping, examplesPerPass } = spec;
  const memory = await takeMemoryOrSay(gpu, spec);
  const { steps, resident } = await prepareOrRelease(gpu, spec, memory, scaling);
  const { forward, backward, clipped, updated } = steps;
  const submitPass = createPass(gpu, memory.control);
  const { rows, width } = network.values[network.logits];

  const run = (control: ArrayBuffer, examples: number, dispatches: readonly PreparedDispatch[]): void => {
    device.queue.writeBuffer(memory.control, 0, control);
    submitPass(dispatches, examples);
  };

  const readAlone = readBackAlone(gpu);
  const readBack = readBackThrough(gpu, memory.staging);
  const readVector = ({ buffer }: { readonly buffer: GPUBuffer }): Promise<Float32Array> =>
    readBack({ buffer, offset: 0, count: network.trainedSize });

  return {
    bytes: memory.bytes,
    lost: gpu.lost,
    load(parameters, state, frozen) {
      device.queue.writeBuffer(memory.parameters.buffer, 0, copyOf(parameters));
      memory.moments.forEach(({ buffer }, index) => {
        device.queue.writeBuffer(buffer, 0, copyOf(state[index] ?? new Float32Array(network.trainedSize)));
      });
      if (network.frozenSize > 0) device.queue.writeBuffer(memory.frozen.buffer, 0, copyOf(frozen));
      if (memory.lossScale) {
        device.queue.writeBuffer(memory.lossScale.buffer, 0, initialLossScale(scaling));
      }
    },
    step(examples, batch, step) {
      const microbatchSize = clipping?.microbatchSize ?? batch.length;
      const microbatches = Math.ceil(batch.length / microbatchSize);
      for (let index = 0; index < microbatches; index += 1) {
        const microbatch = batch.subarray(index * microbatchSize, (index + 1) * microbatchSize);
        for (let done = 0; done < microbatch.length; done += examplesPerPass) {
          const part = microbatch.subarray(done, done + examplesPerPass);
          const isLastPart = done + part.length === microbatch.length;
          const isLast = isLastPart && index === microbatches - 1;
          const set = resident.reach(examples, part);
          const fields: BatchFields = {
            accumulates: done > 0,
            gradientScale: 1 / (microbatch.length * rows),
            corrections: correctionsOf(optimiser, step),
            earlierMicrobatches: index,
            microbatchWeight: 1 / microbatches,
          };
          run(encodeBatch(fields, set.indices), part.length, [
            set.gathering,
            ...forward,
            set.loss,
            ...backward,
            ...(isLastPart ? clipped : []),
            ...(isLast ? updated : []),
          ]);
        }
      }
    },
    async takeLoss() {
      const { buffer } = memory.losses;
      const count = rows * examplesPerPass;
      const reading = readBack({ buffer, offset: 0, count });
      const encoder = device.createCommandEncoder();
      encoder.clearBuffer(buffer);
      device.queue.submit([encoder.finish()]);
      const losses = await reading;
      return losses.reduce((sum, loss) => sum + loss, 0) / rows;
    },
    async predict(examples, from, count) {
      const parts: Promise<Float32Array>[] = [];
      for (let done = 0; done < count; done += examplesPerPass) {
        const size = Math.min(examplesPerPass, count - done);
        const set = resident.reach(
          examples,
          Int32Array.from({ length: size }, (_, row) => from + done + row),
        );
        run(encodeBatch(FORWARD_ONLY, set.indices), size, [set.gathering, ...forward]);
        const numbers = size * rows * width;
        const { range } = memory.value(network.logits);
        parts.push(readAlone({ buffer: range.buffer, offset: range.offset, count: numbers }));
      }
      const logits = new Float32Array(count * rows * width);
      let at = 0;
      for (const part of await Promise.all(parts)) {
        logits.set(part, at);
        at += part.length;
      }
      return logits;
    },
    parameters: () => readVector(memory.parameters),
    async optimiserState() {
      const vectors: Float32Array[] = [];
      for (const moment of memory.moments) vectors.push(await readVector(moment));
      return vectors;
    },
    async lossScale() {
      if (memory.lossScale === null) return null;
      const { buffer } = memory.lossScale;
      return readLossScale(await readBack({ buffer, offset: 0, count: LOSS_SCALE_BYTES / 4 }));
    },
    dispose() {
      resident.release();
      memory.release();
    },
  };
}

async function takeMemoryOrSay(gpu: Gpu, spec: EngineSpec): Promise<GpuMemory> {
  gpu.device.pushErrorScope('out-of-memory');
  const memory = takeMemory(gpu, spec);
  if ((await gpu.device.popErrorScope()) === null) return memory;
  memory.release();
  throw new TributaryError(
    'backend-unavailable',
    `the GPU has not the ${memory.bytes} bytes that training takes`,
  );
}

async function prepareOrRelease(gpu: Gpu, spec: EngineSpec, memory: GpuMemory, scaling: LossScaling) {
  try {
    const steps = await prepareSteps(gpu, spec, memory, scaling);
    return { steps, resident: await residentExamples(gpu, spec.network, memory) };
  } catch (error) {
    memory.release();
    throw error;
  }
}

interface PreparedSteps {
  readonly forward: readonly PreparedDispatch[];
  readonly backward: readonly PreparedDispatch[];
  /** After each microbatch, when gradients are clipped. */
  readonly clipped: readonly PreparedDispatch[];
  readonly updated: readonly PreparedDispatch[];
}

async function prepareSteps(
  gpu: Gpu,
  spec: EngineSpec,
  memory: GpuMemory,
  scaling: LossScaling,
): Promise<PreparedSteps> {
  const { network, optimiser, clipping } = spec;
  const { lossScale } = memory;
  const placed = placeAll(gpu, spec, memory);
  const prepare = async (dispatches: readonly Dispatch[]): Promise<readonly PreparedDispatch[]> => {
    await Promise.all(dispatches.map(gpu.compile));
    return dispatches.map(gpu.bind);
  };
  const [forward, backward, clipped, updated] = await Promise.all([
    prepare(placed.flatMap((operation) => operation.forward)),
    prepare([...placed].reverse().flatMap((operation) => operation.backward)),
    prepare(clipping ? clippingDispatches(clipping.clippingNorm, network.trainedSize, memory) : []),
    prepare([
      ...(lossScale ? lossScaleDispatches(scaling, network.trainedSize, { ...memory, lossScale }) : []),
      optimiserDispatch(optimiser, network.trainedSize, memory),
    ]),
  ]);
  return { forward, backward, clipped, updated };
}

function placeAll(
  gpu: Gpu,
  { network, examplesPerPass }: EngineSpec,
  memory: GpuMemory,
): readonly PlacedOperation[] {
  const flow = gradientFlow(network);
  const slopes = slopeDuties(network);
  const placed = network.operations.map((operation, index) =>
    placeOperation(operation, {
      network,
      examplesPerPass,
      flow: flow[index],
      device: gpu.traits,
      tiles: gpu.tiles,
      slope: slopes[index],
      saved: memory.saved(index),
      scratch: memory.scratch,
      value: memory.value,
      gradient: memory.gradientOf,
      parameter: memory.parameter,
      parameterGradient: memory.parameterGradient,
    }),
  );
  return placed.map(({ forward, backward }, index) => ({
    forward,
    backward: flow[index].isNeeded ? backward : [],
  }));
}

const FORWARD_ONLY: BatchFields = {
  accumulates: false,
  gradientScale: 0,
  corrections: [1, 1],
  earlierMicrobatches: 0,
  microbatchWeight: 1,
};

function correctionsOf(optimiser: ClientOptimiser, step: number): BatchFields['corrections'] {
  return optimiser.kind === 'adam' ? [1 - optimiser.beta1 ** step, 1 - optimiser.beta2 ** step] : [1, 1];
}

/** `writeBuffer` takes no memory that threads share. */
const copyOf = (numbers: Float32Array): Float32Array<ArrayBuffer> => new Float32Array(numbers);
