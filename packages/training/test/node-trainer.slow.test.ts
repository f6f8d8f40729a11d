/** Trainers in a worker thread, as the coordinator's machine and headless participants use them. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { initialParameters, type ModelSpec } from '@tributary/fl-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { trainDenseSync } from '../src/dense/index.ts';
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

trainerContract('the tfjs trainer on wasm', () => createNodeTrainer({ model: MLP, prefer: 'wasm' }));
streamContract('a trainer in a thread', () => createNodeTrainer({ model: MLP, prefer: 'wasm' }));

describe('the tfjs trainer on wasm beside the dense one', () => {
  it("gives the same parameters within 1e-5 after McMahan's local epoch: 2NN, 600 examples, batch 10", async () => {
    const model = { kind: 'mlp' as const, inputSize: 784, hidden: [200, 200], classes: 10 };
    const request = {
      model,
      initial: initialParameters(model, 'paper'),
      examples: clouds(model, 600),
      training: localTraining(),
      seed: 'paper',
    };
    const trainer = await createNodeTrainer({ model, prefer: 'wasm' });
    const onWasm = await trainer.train(request);
    await trainer.dispose();
    const dense = trainDenseSync(request);
    expect(relativeDistance(dense.parameters.values, onWasm.parameters.values)).toBeLessThan(1e-5);
  });

  it.each([SOFTMAX, MLP])(
    'gives the same parameters within 1e-5 after an epoch: $kind',
    async (model) => {
      const trainer = await createNodeTrainer({ model, prefer: 'wasm' });
      for (const optimiser of [SGD, MOMENTUM, ADAM]) {
        const request = {
          model,
          initial: initialParameters(model, 'equal'),
          examples: clouds(model, 203),
          training: localTraining({ optimiser }),
          seed: 'equal',
        };
        const onWasm = await trainer.train(request);
        const dense = trainDenseSync(request);
        expect(relativeDistance(dense.parameters.values, onWasm.parameters.values)).toBeLessThan(1e-5);
      }
      await trainer.dispose();
    },
    30_000,
  );
});

describe('the choice of a backend in Node', () => {
  const noGpu = [
    { name: 'webgpu', reason: 'WebGPU is not available here' },
    { name: 'webgl', reason: 'WebGL is not available in a worker here' },
  ];
  const chosenFor = async (model: ModelSpec) => {
    const trainer = await createNodeTrainer({ model });
    await trainer.dispose();
    return trainer.backend;
  };

  it('takes wasm for a character model, and says why nothing better', async () => {
    expect(await chosenFor(TINY_GRU)).toEqual({ name: 'wasm', adapter: '', passedOver: noGpu });
  });

  it('takes wasm for a convolution', async () => {
    expect(await chosenFor(TINY_CNN)).toEqual({ name: 'wasm', adapter: '', passedOver: noGpu });
  });

  it('takes the plain trainer for dense models', async () => {
    expect(await chosenFor(MLP)).toEqual({ name: 'plain', adapter: 'WebAssembly SIMD', passedOver: noGpu });
  });

  it('fails plainly when a preferred backend cannot do the work', async () => {
    await expect(createNodeTrainer({ model: TINY_CNN, prefer: 'webgpu' })).rejects.toMatchObject({
      code: 'backend-unavailable',
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
