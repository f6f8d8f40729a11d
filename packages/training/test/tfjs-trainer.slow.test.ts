import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import {
  initialParameters,
  type ModelSpec,
  modelSchema,
  parameterCount,
  parameterShapes,
} from '@tributary/fl-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { openBackend } from '../src/backends/open-backend.ts';
import { trainSync } from '../src/local-training/index.ts';
import { buildModel } from '../src/tfjs/build-model.ts';
import { createTfjsTrainer } from '../src/tfjs/tfjs-trainer.ts';
import {
  ADAM,
  clouds,
  localTraining,
  MLP,
  MOMENTUM,
  relativeDistance,
  SGD,
  SOFTMAX,
  TINY_CNN,
} from './small-problems.ts';
import { streamContract } from './stream-contract.ts';
import { trainerContract } from './trainer-contract.ts';
import { uploaded } from './uploaded-models.ts';

vi.setConfig({ testTimeout: 60_000 });

async function cpuTrainer() {
  const opened = await openBackend('cpu', {});
  expect(opened.usable).toBe(true);
  return createTfjsTrainer({ name: 'cpu', adapter: '', passedOver: [] });
}

trainerContract('the tfjs trainer on cpu', cpuTrainer, uploaded(MLP));
streamContract('the tfjs trainer', cpuTrainer, uploaded(MLP));

describe('the tfjs trainer beside our engines', () => {
  it.each(
    [SOFTMAX, MLP].flatMap((model) => [SGD, MOMENTUM, ADAM].map((optimiser) => ({ model, optimiser }))),
  )('gives the same parameters within 1e-5 after an epoch: $model.kind, $optimiser.kind', async (row) => {
    const { model, optimiser } = row;
    const request = {
      model,
      initial: initialParameters(model, 'equal'),
      examples: clouds(model, 203),
      training: localTraining({ optimiser, maximumExamples: 155 }),
      seed: 'equal',
    };
    const trainer = await cpuTrainer();
    const withTfjs = await trainer.train({ ...request, model: uploaded(model) });
    const onEngine = trainSync(request);
    expect(relativeDistance(onEngine.parameters.values, withTfjs.parameters.values)).toBeLessThan(1e-5);
    expect(onEngine.meanLoss).toBeCloseTo(withTfjs.meanLoss, 5);
    expect(onEngine.examplesTrained).toBe(withTfjs.examplesTrained);
  });
});

describe('an uploaded model of every kind of layer that we train ourselves', () => {
  beforeAll(cpuTrainer);

  it.each([
    { ...TINY_CNN, height: 28, width: 28, classes: 10, count: 1_663_370 },
    { ...MLP, inputSize: 784, hidden: [200, 200], classes: 10, count: 199_210 },
  ])('has the parameter count of the paper: $kind, $count', async ({ count, ...model }) => {
    expect(parameterCount(parameterShapes(model))).toBe(count);
    const built = await buildModel(uploaded(model));
    expect(built.variables.reduce((size, variable) => size + variable.size, 0)).toBe(count);
    built.dispose();
  });

  it.each([
    { model: SOFTMAX, examples: clouds(SOFTMAX, 40), epochs: 6 },
    { model: MLP, examples: clouds(MLP, 40), epochs: 6 },
    { model: TINY_CNN, examples: clouds(TINY_CNN, 8), epochs: 4 },
  ])(
    'trains, its loss falls, and no tensor is left behind: $model.kind',
    async ({ model: twin, examples, epochs }) => {
      const model = uploaded(twin);
      const learningRate = twin.kind === 'mcmahan-cnn' ? 0.001 : 0.01;
      const trainer = await cpuTrainer();
      const tensorsBefore = tf.memory().numTensors;
      const initial = initialParameters(model, 'each kind');
      const training = localTraining({ epochs, batchSize: 8, optimiser: { ...ADAM, learningRate } });
      const before = await trainer.evaluate({ model, parameters: initial, examples });
      const { parameters } = await trainer.train({ model, initial, examples, training, seed: 's' });
      const after = await trainer.evaluate({ model, parameters, examples });
      expect(after.loss).toBeLessThan(0.8 * before.loss);
      expect(after.exampleCount).toBe(examples.count);
      expect(tf.memory().numTensors).toBe(tensorsBefore);
    },
    60_000,
  );

  it('leaves no tensor behind when training is stopped or runs away', async () => {
    const trainer = await cpuTrainer();
    const tensorsBefore = tf.memory().numTensors;
    const examples = clouds(MLP, 400);
    const model = uploaded(MLP);
    const request = { model, initial: initialParameters(MLP, 'x'), examples, seed: 's' };
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    await expect(
      trainer.train({ ...request, training: localTraining({ epochs: 1000 }) }, { signal: stop.signal }),
    ).rejects.toMatchObject({ code: 'training-stopped' });
    const wild = localTraining({ epochs: 4, optimiser: { kind: 'sgd', learningRate: 1000 } });
    await expect(
      trainer.train({
        ...request,
        examples: { ...examples, inputs: examples.inputs.map((x) => 1e12 * x) },
        training: wild,
      }),
    ).rejects.toMatchObject({ code: 'training-diverged' });
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });
});

describe('an uploaded layers model', () => {
  beforeAll(cpuTrainer);

  function withLayers(
    last: 'softmax' | 'linear',
    extra: 'none' | 'dropout' | 'batchNormalization',
  ): ModelSpec {
    const model = sequential({
      layers: [
        layers.dense({ units: 12, activation: 'tanh', inputShape: [30] }),
        ...(extra === 'dropout' ? [layers.dropout({ rate: 0.3 })] : []),
        ...(extra === 'batchNormalization' ? [layers.batchNormalization()] : []),
        layers.dense({ units: 5, activation: last }),
      ],
    });
    const topology = JSON.parse(JSON.stringify(model.toJSON(null, false))) as Record<string, unknown>;
    const spec = {
      kind: 'layers' as const,
      topology,
      inputShape: [30],
      classes: 5,
      parameterShapes: model.trainableWeights.map((weight) => weight.shape as number[]),
    };
    model.dispose();
    return modelSchema.parse(spec);
  }

  const train = async (model: ModelSpec) => {
    const trainer = await cpuTrainer();
    return trainer.train({
      model,
      initial: initialParameters(model, 'layers'),
      examples: clouds(SOFTMAX, 60),
      training: localTraining({ epochs: 5 }),
      seed: 'layers',
    });
  };

  it('trains on logits whether or not its topology ends in a softmax', async () => {
    const ending = await train(withLayers('softmax', 'none'));
    const open = await train(withLayers('linear', 'none'));
    expect(ending.parameters.values).toEqual(open.parameters.values);
    expect(ending.meanLoss).toBeLessThan(Math.log(5));
  });

  it('is deterministic with dropout too, and dropout takes part', async () => {
    const first = await train(withLayers('softmax', 'dropout'));
    const second = await train(withLayers('softmax', 'dropout'));
    const without = await train(withLayers('softmax', 'none'));
    expect(first.parameters.values).toEqual(second.parameters.values);
    expect(first.parameters.values).not.toEqual(without.parameters.values);
  });

  it('is refused when it keeps state outside its trainable parameters, or is no model', async () => {
    await expect(train(withLayers('softmax', 'batchNormalization'))).rejects.toMatchObject({
      code: 'model-unsupported',
    });
    await expect(
      train({ kind: 'layers', topology: { a: 1 }, inputShape: [30], classes: 5, parameterShapes: [[30, 5]] }),
    ).rejects.toMatchObject({ code: 'model-unsupported' });
  });
});
