/** The training loop on engines that answer at once and on engines that answer later. */
import {
  type BuiltInModelSpec,
  frozenShapes,
  initialParameters,
  type TrainRequest,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { createEngineTrainer, evaluateSync, threadEngines, trainSync } from '../src/local-training/index.ts';
import type { Engine, EngineSpec } from '../src/network/engine.ts';
import type { EngineKind } from '../src/network/engine-kind.ts';
import { planMemory } from '../src/network/memory-plan.ts';
import { networkOf } from '../src/network/network-of.ts';
import { createReferenceEngine, referenceEngines } from '../src/reference/reference-engine.ts';
import { randomParameters } from '../src/self-test/small-network.ts';
import { randomExamples, SMALL_MODELS } from './small-models.ts';
import { ADAM, clouds, localTraining, MLP, SGD } from './small-problems.ts';
import { streamContract } from './stream-contract.ts';
import { trainerContract } from './trainer-contract.ts';

/** As a GPU does it: steps are only queued, and whoever reads anything waits until they are done. */
const laterEngines: EngineKind = { ...referenceEngines, name: 'webgpu', runsOn: 'gpu', create: createLater };

streamContract('the engine trainer', async () => createEngineTrainer(referenceEngines));
trainerContract('the engine trainer on an engine that answers later', async () =>
  createEngineTrainer(laterEngines),
);

const MODELS = Object.entries<BuiltInModelSpec>(SMALL_MODELS);

function requestFor(model: BuiltInModelSpec, changes: Partial<TrainRequest> = {}): TrainRequest {
  const { frozenSize } = networkOf(model);
  const shapes = frozenShapes(model);
  const frozen = shapes && { shapes, values: randomParameters(frozenSize, 'base') };
  return {
    model,
    initial: initialParameters(model, 'loop'),
    ...(frozen ? { frozen } : {}),
    examples: randomExamples(model, 7),
    training: localTraining({ epochs: 2, batchSize: 3, optimiser: { ...ADAM, learningRate: 0.01 } }),
    seed: 'loop',
    ...changes,
  };
}

describe.each(MODELS)('local training of %s', (_name, model) => {
  const trainer = createEngineTrainer(threadEngines());

  it('learns its examples', async () => {
    const request = requestFor(model, {
      training: localTraining({ epochs: 12, batchSize: 7, optimiser: { ...ADAM, learningRate: 0.01 } }),
    });
    const before = await trainer.evaluate({ ...request, parameters: request.initial });
    const { parameters } = await trainer.train(request);
    const after = await trainer.evaluate({ ...request, parameters });
    expect(after.loss).toBeLessThan(0.98 * before.loss);
  });

  it('gives the same bits with and without an event loop, and when it goes on from a checkpoint', async () => {
    const request = requestFor(model);
    const checkpoints: NonNullable<TrainRequest['resumeFrom']>[] = [];
    const direct = trainSync(request, { onCheckpoint: (checkpoint) => checkpoints.push(checkpoint) });
    const waited = await trainer.train(request);
    const resumed = trainSync({ ...request, resumeFrom: checkpoints[0]! });
    expect(waited.parameters.values).toEqual(direct.parameters.values);
    expect(resumed.parameters.values).toEqual(direct.parameters.values);
    expect(waited.meanLoss).toBe(direct.meanLoss);
    const asked = { ...request, parameters: direct.parameters };
    expect(evaluateSync(asked)).toEqual(await trainer.evaluate(asked));
  });

  it('bounds the change of a step when examples are clipped', async () => {
    const request = requestFor(model, {
      training: localTraining({
        batchSize: 7,
        optimiser: { kind: 'sgd', learningRate: 1 },
        exampleClipping: { clippingNorm: 1e-3, microbatchSize: 1 },
      }),
    });
    const { parameters } = await trainer.train(request);
    const length = lengthOf(parameters.values.map((value, index) => value - request.initial.values[index]!));
    expect(length).toBeLessThan(1.01e-3);
    expect(length).toBeGreaterThan(1e-5);
  });
});

describe('the training loop', () => {
  const request = requestFor(MLP, { examples: clouds(MLP, 105), training: localTraining({ epochs: 2 }) });

  it('keeps two trainings at the same time apart', async () => {
    const trainer = createEngineTrainer(threadEngines());
    const large = { ...request, training: localTraining({ epochs: 100 }) };
    const other = { ...large, seed: 'other' };
    const [first, second] = await Promise.all([trainer.train(large), trainer.train(other)]);
    expect(first.parameters.values).toEqual(trainSync(large).parameters.values);
    expect(second.parameters.values).toEqual(trainSync(other).parameters.values);
  });

  it('takes smaller passes where memory is short, and refuses a model for which there is none', async () => {
    const passes: number[] = [];
    const kind: EngineKind = {
      ...referenceEngines,
      largestPass: 64,
      create(spec) {
        passes.push(spec.examplesPerPass);
        return createReferenceEngine(spec);
      },
    };
    const plan = { network: networkOf(MLP), optimiser: SGD, clipping: null, layout: kind.layout };
    for (const memoryBudgetBytes of [1e9, planMemory(plan, 4).bytes]) {
      await createEngineTrainer(kind, { memoryBudgetBytes }).train(request);
    }
    expect(passes).toEqual([10, 4]);
    const nothing = createEngineTrainer(kind, { memoryBudgetBytes: 1000 });
    await expect(nothing.train(request)).rejects.toMatchObject({ code: 'model-unsupported' });
  });

  it('asks for mixed precision where the engine has it, and says why not where it has not', async () => {
    const training = localTraining({ precision: 'mixed' });
    const asked: unknown[] = [];
    const kind: EngineKind = {
      ...referenceEngines,
      mixedLayout: () => referenceEngines.layout,
      create(spec) {
        asked.push(spec.precision);
        return createReferenceEngine(spec);
      },
    };
    const mixed = await createEngineTrainer(kind).train({ ...request, training });
    expect(asked).toEqual(['mixed']);
    expect(mixed.precisionPassedOver).toBe(undefined);
    const plain = await createEngineTrainer(referenceEngines).train({ ...request, training });
    expect(plain.precisionPassedOver).toEqual({
      name: 'mixed',
      reason: 'the engine on typed arrays trains in float32 only',
    });
    expect((await createEngineTrainer(referenceEngines).train(request)).precisionPassedOver).toBe(undefined);
  });

  it('makes one engine for a thousand steps and disposes it with the trainer', async () => {
    let made = 0;
    let disposed = 0;
    const kind: EngineKind = {
      ...referenceEngines,
      create(spec) {
        made += 1;
        const engine = createReferenceEngine(spec);
        return {
          ...engine,
          dispose() {
            disposed += 1;
          },
        };
      },
    };
    const trainer = createEngineTrainer(kind);
    await trainer.train({ ...request, training: localTraining({ epochs: 100 }) });
    await trainer.train(request);
    expect([made, disposed]).toEqual([1, 0]);
    await trainer.dispose();
    expect([made, disposed]).toEqual([1, 1]);
    // Also what ends only after that.
    await trainer.train(request, { onCheckpoint: () => void trainer.dispose() });
    expect([made, disposed]).toEqual([2, 2]);
  });

  it('does not use an engine again on which a training ran away', async () => {
    let disposed = 0;
    const kind: EngineKind = {
      ...referenceEngines,
      create: (spec) => ({
        ...createReferenceEngine(spec),
        dispose() {
          disposed += 1;
        },
      }),
    };
    const wild = localTraining({ epochs: 3, optimiser: { kind: 'sgd', learningRate: 1e30 } });
    await expect(createEngineTrainer(kind).train({ ...request, training: wild })).rejects.toMatchObject({
      code: 'training-diverged',
    });
    expect(disposed).toBe(1);
  });

  it('passes on what an engine fails with', async () => {
    const kind: EngineKind = {
      ...laterEngines,
      create: (spec) => ({
        ...createLater(spec),
        takeLoss: () => Promise.reject(new Error('the device is gone')),
      }),
    };
    await expect(createEngineTrainer(kind).train(request)).rejects.toThrow('the device is gone');
  });

  it('reads a GPU back a few times a second only, and at the end of each epoch', async () => {
    let reads = 0;
    const kind: EngineKind = {
      ...laterEngines,
      create(spec) {
        const engine = createLater(spec);
        return {
          ...engine,
          takeLoss() {
            reads += 1;
            return engine.takeLoss();
          },
        };
      },
    };
    const examples = clouds(MLP, 5000);
    await createEngineTrainer(kind).train({ ...request, examples, training: localTraining() });
    // 500 batches. The pace doubles from one batch on, unless the machine is so slow that 300 ms pass between two reads.
    expect(reads).toBeLessThan(100);
  });

  it('does not wait where nobody can', () => {
    expect(() => trainSync(request, { kind: laterEngines })).toThrow('needs an event loop');
  });

  it('leaves uploaded models to tfjs', async () => {
    const uploaded = {
      kind: 'layers' as const,
      topology: {},
      inputShape: [30],
      classes: 5,
      parameterShapes: [[30, 5]],
    };
    await expect(
      createEngineTrainer(threadEngines()).train({ ...request, model: uploaded }),
    ).rejects.toMatchObject({ code: 'model-unsupported' });
  });
});

function createLater(spec: EngineSpec): Engine {
  const engine = createReferenceEngine(spec);
  const later = <Result>(read: () => Result): Promise<Result> =>
    new Promise((resolve) => setTimeout(() => resolve(read()), 1));
  return {
    ...engine,
    takeLoss: () => later(() => engine.takeLoss() as number),
    predict: (examples, from, count) => later(() => engine.predict(examples, from, count) as Float32Array),
    parameters: () => later(() => engine.parameters() as Float32Array),
    optimiserState: () => later(() => engine.optimiserState() as Float32Array[]),
  };
}

function lengthOf(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
