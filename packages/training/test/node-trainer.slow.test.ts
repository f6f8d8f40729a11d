/** Trainers in a worker thread, as the coordinator's machine and headless participants use them. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { initialParameters, type ModelSpec } from '@tributary/fl-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { trainSync } from '../src/local-training/index.ts';
import { createNodeTrainer } from '../src/worker/node.ts';
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
  TINY_GRU,
} from './small-problems.ts';
import { streamContract } from './stream-contract.ts';
import { trainerContract } from './trainer-contract.ts';
import { uploaded } from './uploaded-models.ts';

// Each trainer starts a thread and loads tfjs in it.
vi.setConfig({ testTimeout: 30_000 });

/** A thread runs JavaScript, so it comes from the build. */
beforeAll(() => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  try {
    execFileSync('npx', ['tsc', '-b', 'packages/training'], { cwd: root, stdio: 'pipe' });
  } catch (error) {
    throw new Error(`the build failed: ${String((error as { stdout?: Buffer }).stdout)}`);
  }
}, 120_000);

trainerContract(
  'the tfjs trainer on wasm',
  () => createNodeTrainer({ model: uploaded(MLP), prefer: 'wasm' }),
  uploaded(MLP),
);
trainerContract('the WebAssembly engine in a thread', () =>
  createNodeTrainer({ model: MLP, prefer: 'wasm' }),
);
streamContract('a trainer in a thread', () => createNodeTrainer({ model: MLP, prefer: 'wasm' }));

describe('the tfjs trainer on wasm beside our engine', () => {
  it("gives the same parameters within 1e-5 after McMahan's local epoch: 2NN, 600 examples, batch 10", async () => {
    const model = { kind: 'mlp' as const, inputSize: 784, hidden: [200, 200], classes: 10 };
    const request = {
      model,
      initial: initialParameters(model, 'paper'),
      examples: clouds(model, 600),
      training: localTraining(),
      seed: 'paper',
    };
    const twin = uploaded(model);
    const trainer = await createNodeTrainer({ model: twin, prefer: 'wasm' });
    const onTfjs = await trainer.train({ ...request, model: twin });
    await trainer.dispose();
    const onEngine = trainSync(request);
    expect(relativeDistance(onEngine.parameters.values, onTfjs.parameters.values)).toBeLessThan(1e-5);
  });

  it.each([SOFTMAX, MLP, TINY_CNN])(
    'gives the same parameters within 1e-5 after an epoch: $kind',
    async (model) => {
      const twin = uploaded(model);
      const trainer = await createNodeTrainer({ model: twin, prefer: 'wasm' });
      for (const optimiser of [SGD, MOMENTUM, ADAM]) {
        const request = {
          model,
          initial: initialParameters(model, 'equal'),
          examples: clouds(model, 53),
          training: localTraining({ optimiser }),
          seed: 'equal',
        };
        const onTfjs = await trainer.train({ ...request, model: twin });
        const onEngine = trainSync(request);
        expect(relativeDistance(onEngine.parameters.values, onTfjs.parameters.values)).toBeLessThan(1e-5);
      }
      await trainer.dispose();
    },
    30_000,
  );
});

describe('the choice of a backend in Node', () => {
  const noWebGpu = { name: 'webgpu', reason: 'WebGPU is not available here' };
  const noWebGl = { name: 'webgl', reason: 'WebGL is not available in a worker here' };
  const chosenFor = async (model: ModelSpec) => {
    const trainer = await createNodeTrainer({ model });
    await trainer.dispose();
    return trainer.backend;
  };

  it.each([MLP, TINY_CNN, TINY_GRU])('takes our WebAssembly kernels for $kind', async (model) => {
    expect(await chosenFor(model)).toEqual({
      name: 'wasm',
      adapter: 'WebAssembly SIMD',
      passedOver: [noWebGpu],
    });
  });

  it.each([uploaded(MLP), uploaded(TINY_CNN)])(
    'takes tfjs on wasm for an uploaded model, and says why nothing better: $topology.class_name',
    async (model) => {
      expect(await chosenFor(model)).toEqual({ name: 'wasm', adapter: '', passedOver: [noWebGpu, noWebGl] });
    },
  );

  it('fails plainly when a preferred backend cannot do the work', async () => {
    await expect(createNodeTrainer({ model: TINY_CNN, prefer: 'webgpu' })).rejects.toMatchObject({
      code: 'backend-unavailable',
      message: 'webgpu: WebGPU is not available here',
    });
    await expect(createNodeTrainer({ model: TINY_CNN, prefer: 'cpu' })).rejects.toMatchObject({
      code: 'backend-unavailable',
      message: 'cpu: trains no mcmahan-cnn model',
    });
  });
});

describe('a trainer in a thread', () => {
  const request = {
    model: MLP,
    initial: initialParameters(MLP, 'thread'),
    examples: clouds(MLP, 3000),
    training: localTraining({ epochs: 1000 }),
    seed: 'thread',
  };

  it('leaves the event loop of its caller free', async () => {
    const trainer = await createNodeTrainer({ model: MLP, prefer: 'wasm' });
    const stop = new AbortController();
    let beats = 0;
    const beat = setInterval(() => {
      beats += 1;
    }, 5);
    setTimeout(() => stop.abort(), 700);
    await expect(trainer.train(request, { signal: stop.signal })).rejects.toMatchObject({
      code: 'training-stopped',
    });
    clearInterval(beat);
    await trainer.dispose();
    // 140 on a quiet machine; training in slices on this very thread would leave room for about three.
    expect(beats).toBeGreaterThan(20);
  });

  it('rejects what is running when it is disposed, and everything afterwards', async () => {
    const trainer = await createNodeTrainer({ model: MLP, prefer: 'plain' });
    const running = trainer.train(request);
    const refused = expect(running).rejects.toMatchObject({ code: 'training-stopped' });
    await trainer.dispose();
    await refused;
    await expect(trainer.train(request)).rejects.toMatchObject({ code: 'training-stopped' });
  });
});
