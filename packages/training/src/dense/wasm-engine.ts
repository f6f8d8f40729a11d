/**
 * The dense network on WebAssembly SIMD kernels. All numbers, the exponential too, come from WebAssembly, so one
 * request gives the same bits in every browser and in Node.
 */
import type { ClientOptimiser, ExampleSet } from '@tributary/fl-core';
import type { DenseEngine, DenseEngineSpec } from './engine.ts';
import { compiledKernels, type DenseKernels, instantiateKernels } from './kernels/dense-kernels.ts';
import { type MemoryPlan, planMemory } from './kernels/memory-plan.ts';

/** `heapBase` is a constant of the compiled module; a first instance on one page tells it. */
let heapBase: number | undefined;

/** Null where WebAssembly SIMD cannot run. */
export function createWasmEngine(spec: DenseEngineSpec): DenseEngine | null {
  const module = compiledKernels();
  if (module === null) return null;
  heapBase ??= instantiateKernels(module, new WebAssembly.Memory({ initial: 1 })).heapBase();
  const plan = planMemory(spec, heapBase);
  const memory = new WebAssembly.Memory({ initial: plan.pages, maximum: plan.pages });
  return engineOn(instantiateKernels(module, memory), memory, plan, spec.optimiser);
}

function engineOn(
  kernels: DenseKernels,
  memory: WebAssembly.Memory,
  plan: MemoryPlan,
  optimiser: ClientOptimiser,
): DenseEngine {
  const floats = new Float32Array(memory.buffer);
  const integers = new Int32Array(memory.buffer);
  const { layers, rows } = plan;
  const lastRows = rows.at(-1)!;
  const classes = lastRows.width;
  let logits = new Float32Array(0);

  /** Runs the network over examples already in place; leaves the logits in the last rows. */
  const forward = (count: number): void => {
    layers.forEach((layer, index) => {
      const input = rows[index];
      const output = rows[index + 1];
      kernels.listActive(count, input.values, input.stride, input.width, input.lists, input.counts);
      kernels.forward(
        count,
        input.values,
        input.stride,
        input.lists,
        input.counts,
        plan.parameters + layer.kernelOffset,
        plan.parameters + layer.biasOffset,
        output.values,
        output.stride,
        index < layers.length - 1,
      );
    });
  };

  /** Errors of every layer, last to first, before any weight moves. */
  const backward = (count: number): void => {
    for (let index = layers.length - 1; index > 0; index -= 1) {
      const input = rows[index];
      const output = rows[index + 1];
      const weights = plan.parameters + layers[index].kernelOffset;
      kernels.backward(
        count,
        output.errors,
        output.stride,
        weights,
        input.lists,
        input.counts,
        input.errors,
        input.stride,
      );
    }
  };

  const accumulate = (count: number, target: number, scale: number): void => {
    layers.forEach((layer, index) => {
      const input = rows[index];
      const output = rows[index + 1];
      kernels.accumulate(
        count,
        input.values,
        input.stride,
        input.width,
        input.lists,
        input.counts,
        output.errors,
        output.stride,
        target + layer.kernelOffset,
        target + layer.biasOffset,
        scale,
        plan.members,
        plan.memberCounts,
      );
    });
  };

  const placeExample = (examples: ExampleSet, example: number, row: number): void => {
    const { width, stride, values } = rows[0];
    floats.set(examples.inputs.subarray(example * width, (example + 1) * width), (values + row * stride) / 4);
  };

  return {
    load(parameters, state) {
      writeVector(floats, plan, plan.parameters, parameters);
      plan.moments.forEach((moment, index) => {
        if (state[index]) writeVector(floats, plan, moment, state[index]);
        else clearVector(floats, plan, moment);
      });
    },
    parameters: () => readVector(floats, plan, plan.parameters),
    optimiserState: () => plan.moments.map((moment) => readVector(floats, plan, moment)),
    step(examples, batch, step) {
      // SGD on a batch that fits one pass moves the weights directly; everything else needs the gradient as a vector.
      const direct = optimiser.kind === 'sgd' && batch.length <= plan.examplesPerPass;
      const target = direct ? plan.parameters : plan.gradient;
      const scale = direct ? -optimiser.learningRate / batch.length : 1 / batch.length;
      if (!direct) clearVector(floats, plan, plan.gradient);
      let loss = 0;
      for (let from = 0; from < batch.length; from += plan.examplesPerPass) {
        const count = Math.min(plan.examplesPerPass, batch.length - from);
        for (let row = 0; row < count; row += 1) {
          placeExample(examples, batch[from + row], row);
          integers[plan.labels / 4 + row] = examples.labels[batch[from + row]];
        }
        forward(count);
        const { values, errors, stride } = lastRows;
        loss += kernels.softmaxCrossEntropy(count, values, errors, stride, classes, plan.labels);
        backward(count);
        accumulate(count, target, scale);
      }
      if (!direct) applyOptimiser(kernels, plan, optimiser, step);
      return loss;
    },
    predict(examples, from, count) {
      if (logits.length !== count * classes) logits = new Float32Array(count * classes);
      for (let done = 0; done < count; done += plan.examplesPerPass) {
        const passCount = Math.min(plan.examplesPerPass, count - done);
        for (let row = 0; row < passCount; row += 1) placeExample(examples, from + done + row, row);
        forward(passCount);
        for (let row = 0; row < passCount; row += 1) {
          const at = (lastRows.values + row * lastRows.stride) / 4;
          logits.set(floats.subarray(at, at + classes), (done + row) * classes);
        }
      }
      return logits;
    },
  };
}

function applyOptimiser(
  kernels: DenseKernels,
  plan: MemoryPlan,
  optimiser: ClientOptimiser,
  step: number,
): void {
  const { parameters, gradient, moments, vectorBytes } = plan;
  switch (optimiser.kind) {
    case 'sgd':
      kernels.stepSgd(parameters, gradient, vectorBytes, optimiser.learningRate);
      return;
    case 'momentum':
      kernels.stepMomentum(
        parameters,
        gradient,
        moments[0],
        vectorBytes,
        optimiser.learningRate,
        optimiser.momentum,
      );
      return;
    case 'adam':
      kernels.stepAdam(
        parameters,
        gradient,
        moments[0],
        moments[1],
        vectorBytes,
        optimiser.learningRate,
        optimiser.beta1,
        optimiser.beta2,
        optimiser.epsilon,
        1 - optimiser.beta1 ** step,
        1 - optimiser.beta2 ** step,
      );
      return;
  }
}

function clearVector(floats: Float32Array, plan: MemoryPlan, address: number): void {
  floats.fill(0, address / 4, (address + plan.vectorBytes) / 4);
}

/**
 * Copies a flat vector into padded rows. The padding must be zero, and no kernel changes it while values are finite;
 * but infinity times zero is NaN, so a training that ran away has left NaN there.
 */
function writeVector(floats: Float32Array, plan: MemoryPlan, address: number, flat: Float32Array): void {
  clearVector(floats, plan, address);
  eachRow(plan, address, (at, from, width) => floats.set(flat.subarray(from, from + width), at));
}

function readVector(floats: Float32Array, plan: MemoryPlan, address: number): Float32Array {
  const size = plan.layers.reduce((sum, { inputs, outputs }) => sum + (inputs + 1) * outputs, 0);
  const flat = new Float32Array(size);
  eachRow(plan, address, (at, from, width) => flat.set(floats.subarray(at, at + width), from));
  return flat;
}

/** Visits each weight row and bias: its index in memory (in floats), in the flat vector, and its width. */
function eachRow(
  plan: MemoryPlan,
  address: number,
  visit: (at: number, from: number, width: number) => void,
): void {
  let from = 0;
  plan.layers.forEach(({ inputs, outputs, kernelOffset }, index) => {
    const stride = plan.rows[index + 1].stride / 4;
    const start = (address + kernelOffset) / 4;
    // Row number `inputs` is the bias: it follows the kernel.
    for (let row = 0; row <= inputs; row += 1) {
      visit(start + row * stride, from, outputs);
      from += outputs;
    }
  });
}
