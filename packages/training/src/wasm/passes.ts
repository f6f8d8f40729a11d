/** Forward and backward passes of one network in its place in a memory, and the gradient that they add up. */
import type { ExampleSet } from '@tributary/fl-core';
import type { EngineSpec } from '../network/engine.ts';
import { gradientFlow } from '../network/gradient-flow.ts';
import type { MemoryPlan } from '../network/memory-plan.ts';
import type { Network, ParameterReference } from '../network/network.ts';
import type { Arena } from './arena.ts';
import type { Address, PlacedOperation } from './operation.ts';
import { placeOperation } from './operations/index.ts';

/** A memory from `base` on, which nobody grows. */
export type Ground = Omit<Arena, 'build'>;

/** Where parameters lie: threads read those of one of them. */
export interface ParameterPlace {
  readonly trained: Address;
  readonly frozen: Address;
}

/**
 * Adds the gradient of these examples, of a batch of `batchSize`, to the one in memory; returns their loss summed. Under
 * clipping they must be whole microbatches, but for the batch's last.
 */
export type AddGradient = (examples: ExampleSet, indices: Int32Array, batchSize: number) => number;

export interface Passes {
  readonly addGradient: AddGradient;
  predict(examples: ExampleSet, from: number, count: number): Float32Array;
}

export function passesIn(
  ground: Ground,
  { network, clipping }: Pick<EngineSpec, 'network' | 'clipping'>,
  plan: MemoryPlan,
  parameters: ParameterPlace,
): Passes {
  const { kernels, memory, base } = ground;
  const { examplesPerPass } = plan;
  const floats: Float32Array = new Float32Array(memory.buffer);
  const integers: Int32Array = new Int32Array(memory.buffer);
  const vectorBytes = 4 * network.trainedSize;
  const gradient = base + plan.gradient;
  const passGradient = base + (plan.microbatchGradient ?? plan.gradient);
  const logits = network.values[network.logits];
  const logitsAt = base + plan.values[network.logits];
  const labelsAt = base + plan.labels;
  const input = exampleCopier(floats, base + plan.values[network.input], sizeOf(network, network.input));
  const labels = exampleCopier(integers, labelsAt, logits.rows);
  const { forward, backward } = placed(ground, network, plan, parameters);
  let predictions = new Float32Array(0);

  /** Weights the mean of `meanOver` examples, of which these are some. */
  const addPasses = (examples: ExampleSet, indices: Int32Array, meanOver: number): number => {
    const scale = 1 / (meanOver * logits.rows);
    let loss = 0;
    for (let from = 0; from < indices.length; from += examplesPerPass) {
      const count = Math.min(examplesPerPass, indices.length - from);
      for (let row = 0; row < count; row += 1) {
        input(examples.inputs, indices[from + row], row, 1);
        labels(examples.labels, indices[from + row], row, 1);
      }
      forward(count);
      const rows = count * logits.rows;
      const target = base + plan.gradients[network.logits]!;
      const lossSum = kernels.softmaxCrossEntropy(rows, logits.width, logitsAt, labelsAt, target, scale);
      loss += lossSum / logits.rows;
      backward(count);
    }
    return loss;
  };
  /** Every microbatch moves the batch's gradient by at most `clippingNorm` / microbatches. */
  const addClipped = (
    { clippingNorm, microbatchSize }: NonNullable<EngineSpec['clipping']>,
    ...[examples, indices, batchSize]: Parameters<AddGradient>
  ): number => {
    const microbatches = Math.ceil(batchSize / microbatchSize);
    let loss = 0;
    for (let from = 0; from < indices.length; from += microbatchSize) {
      const microbatch = indices.subarray(from, from + microbatchSize);
      loss += addPasses(examples, microbatch, microbatch.length);
      const norm = Math.sqrt(kernels.sumOfSquares(passGradient, vectorBytes));
      const scale = Math.min(1, clippingNorm / norm) / microbatches;
      kernels.addScaledAndClear(passGradient, scale, gradient, vectorBytes);
    }
    return loss;
  };

  return {
    addGradient: clipping ? (...share) => addClipped(clipping, ...share) : addPasses,
    predict(examples, from, count) {
      const size = logits.rows * logits.width;
      if (predictions.length !== count * size) predictions = new Float32Array(count * size);
      for (let done = 0; done < count; done += examplesPerPass) {
        const passCount = Math.min(examplesPerPass, count - done);
        input(examples.inputs, from + done, 0, passCount);
        forward(passCount);
        const at = logitsAt / 4;
        predictions.set(floats.subarray(at, at + passCount * size), done * size);
      }
      return predictions;
    },
  };
}

/** The operations in their places, as one pass forwards and one backwards over the examples that lie there. */
function placed({ kernels, base }: Ground, network: Network, plan: MemoryPlan, parameters: ParameterPlace) {
  const flow = gradientFlow(network);
  const at = (start: Address, { offset }: ParameterReference): Address => start + 4 * offset;
  const operations = network.operations.map(
    (operation, index): PlacedOperation =>
      placeOperation(operation, {
        network,
        kernels,
        examplesPerPass: plan.examplesPerPass,
        flow: flow[index],
        saved: base + plan.saved[index],
        scratch: base + plan.scratch,
        value: (id) => base + plan.values[id],
        gradient: (id) => base + plan.gradients[id]!,
        parameter: (reference) => at(parameters[reference.store], reference),
        parameterGradient: (reference) => at(base + (plan.microbatchGradient ?? plan.gradient), reference),
      }),
  );
  const needed = operations.filter((_, index) => flow[index].isNeeded).reverse();
  return {
    forward(examples: number): void {
      for (const operation of operations) operation.forward(examples);
    },
    backward(examples: number): void {
      for (const operation of needed) operation.backward(examples);
    },
  };
}

function sizeOf({ values }: Network, id: number): number {
  return values[id].rows * values[id].width;
}

/** Copies `count` examples of `size` numbers from number `example` on to row `row` behind `address`. */
function exampleCopier<Numbers extends Float32Array | Int32Array>(
  memory: Numbers,
  address: Address,
  size: number,
) {
  return (from: Numbers, example: number, row: number, count: number): void => {
    memory.set(from.subarray(example * size, (example + count) * size), address / 4 + row * size);
  };
}
