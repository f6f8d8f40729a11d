/**
 * The engine on WebAssembly SIMD kernels. All numbers, exponentials too, come from WebAssembly, so with the strict build
 * one request gives the same bits in every browser and in Node.
 */
import type { ExampleSet } from '@tributary/fl-core';
import type { Engine, EngineSpec } from '../network/engine.ts';
import { gradientFlow } from '../network/gradient-flow.ts';
import { type MemoryLayout, type MemoryPlan, planMemory } from '../network/memory-plan.ts';
import type { Network, ParameterReference } from '../network/network.ts';
import { type Arena, giveBackArena, lendArena, memoryForArena } from './arena.ts';
import type { KernelBuild } from './kernels.ts';
import type { Address, PlacedOperation } from './operation.ts';
import { memoryOf, placeOperation } from './operations/index.ts';
import { optimiserStep } from './optimiser-step.ts';

export function wasmLayout(build: KernelBuild): MemoryLayout {
  return {
    bytesPerNumber: 4,
    bytesPerParameterGradient: 4,
    alignment: 64,
    taken: (arenaBytes) => memoryForArena(build, arenaBytes),
    needs: memoryOf,
  };
}

/** Null where WebAssembly SIMD cannot run. @throws TributaryError `model-unsupported` when memory is short */
export function createWasmEngine(spec: EngineSpec, build: KernelBuild): Engine | null {
  const plan = planMemory({ ...spec, layout: wasmLayout(build) }, spec.examplesPerPass);
  const arena = lendArena(build, plan.arenaBytes);
  return arena && engineIn(arena, spec, plan);
}

function engineIn(arena: Arena, spec: EngineSpec, plan: MemoryPlan): Engine {
  const { kernels, memory, base } = arena;
  const { network, clipping, optimiser } = spec;
  const { examplesPerPass } = plan;
  // Nobody grows this memory until it is given back.
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
  const { forward, backward } = placed(arena, network, plan);
  const updateParameters = optimiserStep(kernels, optimiser, {
    parameters: base + plan.parameters,
    gradient,
    moments: plan.moments.map((offset) => base + offset),
    bytes: vectorBytes,
  });
  let loss = 0;
  let predictions = new Float32Array(0);

  /** Adds the gradient of the mean loss over `examples` of the batch, as far as they are there. */
  const addGradient = (examples: ExampleSet, batch: Int32Array): void => {
    const scale = 1 / (batch.length * logits.rows);
    for (let from = 0; from < batch.length; from += examplesPerPass) {
      const count = Math.min(examplesPerPass, batch.length - from);
      for (let row = 0; row < count; row += 1) {
        input(examples.inputs, batch[from + row], row, 1);
        labels(examples.labels, batch[from + row], row, 1);
      }
      forward(count);
      const rows = count * logits.rows;
      const target = base + plan.gradients[network.logits]!;
      const lossSum = kernels.softmaxCrossEntropy(rows, logits.width, logitsAt, labelsAt, target, scale);
      loss += lossSum / logits.rows;
      backward(count);
    }
  };
  /** Every microbatch moves the batch's gradient by at most `clippingNorm` / microbatches. */
  const addClippedGradients = (
    examples: ExampleSet,
    batch: Int32Array,
    { clippingNorm, microbatchSize }: NonNullable<EngineSpec['clipping']>,
  ): void => {
    const microbatches = Math.ceil(batch.length / microbatchSize);
    for (let from = 0; from < batch.length; from += microbatchSize) {
      addGradient(examples, batch.subarray(from, from + microbatchSize));
      const norm = Math.sqrt(kernels.sumOfSquares(passGradient, vectorBytes));
      const scale = Math.min(1, clippingNorm / norm) / microbatches;
      kernels.addScaledAndClear(passGradient, scale, gradient, vectorBytes);
    }
  };

  const vectorAt = (offset: number, size: number): Float32Array => {
    const from = (base + offset) / 4;
    return floats.subarray(from, from + size);
  };
  const parameters = vectorAt(plan.parameters, network.trainedSize);
  const moments = plan.moments.map((offset) => vectorAt(offset, network.trainedSize));

  return {
    bytes: plan.bytes,
    load(initial, state, frozen) {
      // Everything up to the frozen parameters: padding must be zero, and gradients begin there.
      kernels.clear(base, plan.frozen);
      parameters.set(initial);
      moments.forEach((moment, index) => {
        if (state[index]) moment.set(state[index]);
      });
      vectorAt(plan.frozen, network.frozenSize).set(frozen);
      loss = 0;
    },
    step(examples, batch, step) {
      if (clipping) addClippedGradients(examples, batch, clipping);
      else addGradient(examples, batch);
      updateParameters(step);
    },
    takeLoss() {
      const taken = loss;
      loss = 0;
      return taken;
    },
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
    parameters: () => parameters.slice(),
    optimiserState: () => moments.map((moment) => moment.slice()),
    dispose: () => giveBackArena(arena),
  };
}

/** The operations in their places, as one pass forwards and one backwards over the examples that lie there. */
function placed({ kernels, base }: Arena, network: Network, plan: MemoryPlan) {
  const flow = gradientFlow(network);
  const trained = (start: number, { offset }: ParameterReference): Address => base + start + 4 * offset;
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
        parameter: (reference) =>
          trained(reference.store === 'trained' ? plan.parameters : plan.frozen, reference),
        parameterGradient: (reference) => trained(plan.microbatchGradient ?? plan.gradient, reference),
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
