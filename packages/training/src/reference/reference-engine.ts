/**
 * Every operation written plainly, one example at a time and in double precision; parameters are float32. It is what the fast
 * engines are compared with, and it trains where WebAssembly SIMD is missing or forbidden.
 */
import type { ExampleSet } from '@tributary/fl-core';
import type { Engine, EngineSpec } from '../network/engine.ts';
import type { EngineKind } from '../network/engine-kind.ts';
import { gradientFlow } from '../network/gradient-flow.ts';
import { type MemoryLayout, planMemory } from '../network/memory-plan.ts';
import { referenceOf } from './operations/index.ts';
import { applyOptimiser } from './optimiser.ts';
import { crossEntropy, writeLogitsGradient } from './softmax-cross-entropy.ts';

const BYTES_PER_DOUBLE = 8;

/** A pass is one example, so plans are made for one. */
const layout: MemoryLayout = {
  bytesPerNumber: BYTES_PER_DOUBLE,
  bytesPerParameterGradient: BYTES_PER_DOUBLE,
  alignment: BYTES_PER_DOUBLE,
  needs: (operation, network) => ({
    saved: BYTES_PER_DOUBLE * referenceOf(operation).saved(operation, network),
    scratch: 0,
  }),
};

export function createReferenceEngine({ network, optimiser, clipping }: EngineSpec): Engine {
  const plan = planMemory({ network, optimiser, clipping, layout }, 1);
  const arena = new ArrayBuffer(plan.arenaBytes);
  const floats = (offset: number, size: number): Float32Array => new Float32Array(arena, offset, size);
  const doubles = (offset: number, size: number): Float64Array => new Float64Array(arena, offset, size);

  const parameters = floats(plan.parameters, network.trainedSize);
  const frozen = floats(plan.frozen, network.frozenSize);
  const moments = plan.moments.map((offset) => floats(offset, network.trainedSize));
  const gradient = doubles(plan.gradient, network.trainedSize);
  const clipped = clipping && {
    ...clipping,
    gradient: doubles(plan.microbatchGradient!, network.trainedSize),
  };
  const sizeOf = (id: number): number => network.values[id].rows * network.values[id].width;
  const values = network.values.map((_, id) => doubles(plan.values[id], sizeOf(id)));
  const gradients = network.values.map((_, id) => {
    const offset = plan.gradients[id];
    return offset === null ? null : doubles(offset, sizeOf(id));
  });
  const flow = gradientFlow(network);
  const placed = network.operations.map((operation, index) =>
    referenceOf(operation).place(operation, {
      network,
      flow: flow[index],
      saved: doubles(plan.saved[index], referenceOf(operation).saved(operation, network)),
      value: (id) => values[id],
      gradient: (id) => gradients[id]!,
      parameter: ({ store, offset }, size) =>
        (store === 'trained' ? parameters : frozen).subarray(offset, offset + size),
      parameterGradient: ({ store, offset }, size) =>
        store === 'trained' ? (clipped?.gradient ?? gradient).subarray(offset, offset + size) : null,
    }),
  );
  const labels = new Int32Array(arena, plan.labels, network.values[network.logits].rows);
  const logits = values[network.logits];
  const logitsGradient = gradients[network.logits]!;
  let loss = 0;

  const forward = (examples: ExampleSet, example: number): void => {
    const size = sizeOf(network.input);
    values[network.input].set(examples.inputs.subarray(example * size, (example + 1) * size));
    for (const operation of placed) operation.forward();
  };
  /** Adds `weight` times the gradient of an example's loss. */
  const addGradient = (examples: ExampleSet, example: number, weight: number): void => {
    forward(examples, example);
    labels.set(examples.labels.subarray(example * labels.length, (example + 1) * labels.length));
    loss += crossEntropy({ logits, labels });
    writeLogitsGradient({ logits, labels }, { weight, gradient: logitsGradient });
    for (let index = placed.length - 1; index >= 0; index -= 1) {
      if (flow[index].isNeeded) placed[index].backward();
    }
  };

  return {
    bytes: plan.bytes,
    load(initial, state, fixed) {
      parameters.set(initial);
      frozen.set(fixed);
      moments.forEach((moment, index) => {
        if (state[index]) moment.set(state[index]);
        else moment.fill(0);
      });
      loss = 0;
    },
    step(examples, batch, step) {
      gradient.fill(0);
      if (clipped) {
        const microbatches = Math.ceil(batch.length / clipped.microbatchSize);
        for (let from = 0; from < batch.length; from += clipped.microbatchSize) {
          const microbatch = batch.subarray(from, from + clipped.microbatchSize);
          clipped.gradient.fill(0);
          for (const example of microbatch) addGradient(examples, example, 1 / microbatch.length);
          const scale = Math.min(1, clipped.clippingNorm / Math.sqrt(sumOfSquares(clipped.gradient)));
          for (let i = 0; i < gradient.length; i += 1) {
            gradient[i] += (scale * clipped.gradient[i]) / microbatches;
          }
        }
      } else {
        for (const example of batch) addGradient(examples, example, 1 / batch.length);
      }
      applyOptimiser(optimiser, { parameters, gradient, moments, step });
    },
    takeLoss() {
      const taken = loss;
      loss = 0;
      return taken;
    },
    predict(examples, from, count) {
      const rows = new Float32Array(count * logits.length);
      for (let row = 0; row < count; row += 1) {
        forward(examples, from + row);
        rows.set(logits, row * logits.length);
      }
      return rows;
    },
    parameters: () => parameters.slice(),
    optimiserState: () => moments.map((moment) => moment.slice()),
    dispose() {},
  };
}

function sumOfSquares(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}

export const referenceEngines: EngineKind = {
  name: 'plain',
  adapter: 'typed arrays',
  layout,
  largestPass: 1,
  runsOn: 'thread',
  create: createReferenceEngine,
  close() {},
};
