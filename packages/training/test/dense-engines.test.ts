/** Both engines against calculus, and the fast one against the plain one. */
import {
  type DenseModelSpec,
  denseWidths,
  type ExampleSet,
  initialParameters,
  type ParameterSet,
  tensorViews,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import {
  type CreateDenseEngine,
  createPlainEngine,
  createWasmEngine,
  type DenseEngine,
} from '../src/dense/index.ts';
import { ADAM, clouds, MLP, MOMENTUM, relativeDistance, SGD, SOFTMAX } from './small-problems.ts';

const wasm: CreateDenseEngine = (spec) => {
  const engine = createWasmEngine(spec);
  if (engine === null) throw new Error('this machine cannot run WebAssembly SIMD');
  return engine;
};
const ENGINES = { plain: createPlainEngine, 'WebAssembly SIMD': wasm };
const MODELS: Record<string, DenseModelSpec> = { softmax: SOFTMAX, mlp: MLP };

describe.each(Object.entries(ENGINES))('the %s engine', (_, createEngine) => {
  it.each(Object.entries(MODELS))('follows the gradient that finite differences find: %s', (_name, model) => {
    const examples = clouds(model, 12);
    const initial = initialParameters(model, 'finite differences');
    const engine = createEngine({ model, optimiser: { kind: 'sgd', learningRate: 1 }, batchSize: 12 });
    engine.load(initial.values, []);
    const lossSum = engine.step(
      examples,
      Int32Array.from({ length: 12 }, (_x, i) => i),
      1,
    );
    const trained = engine.parameters();

    const flat = Float64Array.from(initial.values);
    const numeric = flat.map((value, index) => {
      const step = 1e-5;
      const lossAt = (shifted: number): number => {
        flat[index] = shifted;
        return slowMeanLoss(model, flat, initial, examples);
      };
      const slope = (lossAt(value + step) - lossAt(value - step)) / (2 * step);
      flat[index] = value;
      return slope;
    });
    const gradient = numeric.map((_slope, index) => initial.values[index]! - trained[index]!);
    expect(relativeDistance(gradient, numeric)).toBeLessThan(2e-6);
    expect(lossSum / 12).toBeCloseTo(slowMeanLoss(model, flat, initial, examples), 5);
  });

  it('steps with momentum and Adam as their equations say, step by step', () => {
    const model = SOFTMAX;
    const examples = clouds(model, 10);
    const batch = Int32Array.from({ length: 10 }, (_x, i) => i);
    for (const optimiser of [MOMENTUM, ADAM]) {
      const engine = createEngine({ model, optimiser, batchSize: 10 });
      const gradientEngine = createEngine({
        model,
        optimiser: { kind: 'sgd', learningRate: 1 },
        batchSize: 10,
      });
      let parameters = initialParameters(model, 'equations').values;
      engine.load(parameters, []);
      const first = new Float64Array(parameters.length);
      const second = new Float64Array(parameters.length);
      for (let step = 1; step <= 3; step += 1) {
        gradientEngine.load(parameters, []);
        gradientEngine.step(examples, batch, 1);
        const moved = gradientEngine.parameters();
        const expected = parameters.map((value, i) => {
          const g = value - moved[i]!;
          if (optimiser.kind === 'momentum') {
            first[i] = optimiser.momentum * first[i]! + g;
            return value - optimiser.learningRate * first[i]!;
          }
          first[i] = 0.9 * first[i]! + 0.1 * g;
          second[i] = 0.999 * second[i]! + 0.001 * g * g;
          const mean = first[i]! / (1 - 0.9 ** step);
          const spread = Math.sqrt(second[i]! / (1 - 0.999 ** step));
          return value - (optimiser.learningRate * mean) / (spread + optimiser.epsilon);
        });
        engine.step(examples, batch, step);
        parameters = engine.parameters();
        expect(relativeDistance(parameters, expected)).toBeLessThan(2e-5);
      }
    }
  });
});

describe('the WebAssembly engine beside the plain one', () => {
  it.each([
    { name: 'one pass', count: 10 },
    { name: 'a batch of several passes with a remainder', count: 150 },
  ])('gives the same parameters, optimiser state, loss and logits: $name', ({ count }) => {
    // Widths on both sides of the 8- and 32-column blocks of the kernels.
    const model: DenseModelSpec = { kind: 'mlp', inputSize: 37, hidden: [41, 8, 33], classes: 3 };
    const examples = clouds(model, count);
    const batch = Int32Array.from({ length: count }, (_x, i) => count - 1 - i);
    for (const optimiser of [SGD, MOMENTUM, ADAM]) {
      const results = [wasm, createPlainEngine].map((createEngine) => {
        const engine = createEngine({ model, optimiser, batchSize: count });
        engine.load(initialParameters(model, 'beside').values, []);
        const losses = [1, 2, 3].map((step) => engine.step(examples, batch, step));
        const logits = engine.predict(examples, 0, count).slice();
        return { losses, logits, parameters: engine.parameters(), state: engine.optimiserState() };
      });
      const [fast, plain] = results;
      expect(relativeDistance(fast!.losses, plain!.losses)).toBeLessThan(1e-5);
      expect(relativeDistance(fast!.logits, plain!.logits)).toBeLessThan(1e-4);
      expect(relativeDistance(fast!.parameters, plain!.parameters)).toBeLessThan(1e-5);
      fast!.state.forEach((vector, index) => {
        expect(relativeDistance(vector, plain!.state[index]!)).toBeLessThan(1e-4);
      });
    }
  });

  it.each([SGD, ADAM])('is as new after a training that ran away: $kind', (optimiser) => {
    const examples = clouds(MLP, 10);
    const batch = Int32Array.from({ length: 10 }, (_x, i) => i);
    const initial = initialParameters(MLP, 'as new').values;
    const train = (engine: DenseEngine) => {
      engine.load(initial, []);
      for (const step of [1, 2, 3]) engine.step(examples, batch, step);
      return engine.parameters();
    };
    const used = wasm({ model: MLP, optimiser, batchSize: 10 });
    used.load(
      initial.map((value) => value * 1e30),
      [],
    );
    for (const step of [1, 2, 3]) used.step(examples, batch, step);
    expect(used.parameters().some(Number.isNaN)).toBe(true);
    expect(train(used)).toEqual(train(wasm({ model: MLP, optimiser, batchSize: 10 })));
  });

  it('does not hide an infinite or missing value among the zeros it skips', () => {
    const model = SOFTMAX;
    const examples = clouds(model, 4);
    const poisoned = { ...examples, inputs: examples.inputs.slice() };
    poisoned.inputs[3] = Number.NaN;
    const engine = wasm({ model, optimiser: SGD, batchSize: 4 });
    engine.load(initialParameters(model, 'nan').values, []);
    expect(engine.step(poisoned, Int32Array.of(0, 1, 2, 3), 1)).toBeNaN();
  });
});

/** Mean cross-entropy by the definition, in double precision and without any of the engines' code. */
function slowMeanLoss(
  model: DenseModelSpec,
  flat: Float64Array,
  { shapes }: ParameterSet,
  examples: ExampleSet,
): number {
  const widths = denseWidths(model);
  const bounds = tensorViews({ shapes, values: new Float32Array(flat.length) }).map(
    (view) => view.byteOffset / 4,
  );
  let total = 0;
  for (let example = 0; example < examples.count; example += 1) {
    let row = Array.from(examples.inputs.subarray(example * widths[0]!, (example + 1) * widths[0]!));
    for (let layer = 0; layer + 1 < widths.length; layer += 1) {
      const outputs = widths[layer + 1]!;
      const last = layer + 2 === widths.length;
      row = Array.from({ length: outputs }, (_x, j) => {
        const sum = row.reduce(
          (acc, x, i) => acc + x * flat[bounds[2 * layer]! + i * outputs + j]!,
          flat[bounds[2 * layer + 1]! + j]!,
        );
        return last ? sum : Math.max(0, sum);
      });
    }
    const powers = row.map(Math.exp);
    total -= Math.log(powers[examples.labels[example]!]! / powers.reduce((a, b) => a + b));
  }
  return total / examples.count;
}
