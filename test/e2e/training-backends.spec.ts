/**
 * Training in a real browser's worker: the same update from our engines on WebGPU, on WASM and in plain
 * TypeScript, and from tfjs. The WebGPU adapter
 * is SwiftShader and is asserted, because a silent fallback would pass every other check.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { initialParameters } from '@tributary/fl-core';
import { type BuiltPage, openBuiltPage } from '../../benchmarks/built-page.ts';
import { SMALL_MODELS } from '../../packages/training/test/small-models.ts';
import {
  clouds,
  localTraining,
  MLP,
  relativeDistance,
  SOFTMAX,
  TINY_CNN,
} from '../../packages/training/test/small-problems.ts';
import { uploaded } from '../../packages/training/test/uploaded-models.ts';
import type { TrainingPage } from './training-page/main.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let built: BuiltPage;
let page: Page;

test.describe.configure({ mode: 'serial', timeout: 120_000 });

test.beforeAll(async ({ browser }) => {
  built = await openBuiltPage({
    root: ROOT,
    config: 'test/e2e/training-page/vite.config.ts',
  });
  page = await browser.newPage();
  await page.goto(built.url);
  await page.waitForFunction(() => 'trainingPage' in globalThis);
});

test.afterAll(async () => {
  await page?.close();
  built?.close();
});

/** Runs in the browser, where the page has put `trainingPage`. */
function train(...[model, choice, initial, loss]: Parameters<TrainingPage['train']>) {
  return page.evaluate(
    ([spec, options, begin, lost]) =>
      (globalThis as unknown as { trainingPage: TrainingPage }).trainingPage.train(
        spec,
        options,
        begin,
        lost,
      ),
    [model, choice, initial, loss] as const,
  );
}

for (const model of [SOFTMAX, MLP, TINY_CNN]) {
  test(`our engines on WebGPU, WASM and in plain TypeScript give the same ${model.kind}`, async () => {
    const onWebGpu = await train(model, { prefer: 'webgpu' });
    const onWasm = await train(model, { prefer: 'wasm' });
    const plain = await train(model, { prefer: 'plain' });

    expect(onWebGpu.backend).toEqual({ name: 'webgpu', adapter: 'swiftshader', passedOver: [] });
    expect(onWasm.backend.name).toBe('wasm');
    expect(plain.backend).toEqual({ name: 'plain', adapter: 'typed arrays', passedOver: [] });
    for (const outcome of [onWebGpu, onWasm, plain]) {
      expect(relativeDistance(outcome.parameters, plain.parameters)).toBeLessThan(1e-5);
      expect(outcome.evaluation.accuracy).toBeCloseTo(plain.evaluation.accuracy, 5);
      expect(outcome.predictedRight).toBe(outcome.evaluation.accuracy);
      expect(outcome.checkpoints).toBe(2);
      expect(outcome.progressReports).toBeGreaterThan(0);
    }
  });

  test(`tfjs gives an uploaded ${model.kind} the parameters that our engines give a built-in one`, async () => {
    const plain = await train(model, { prefer: 'plain' });
    // Convolutions on tfjs and an emulated GPU take most of a minute.
    const backends =
      model.kind === 'mcmahan-cnn' ? (['wasm', 'cpu'] as const) : (['webgpu', 'wasm', 'cpu'] as const);
    for (const prefer of backends) {
      const onTfjs = await train(uploaded(model), { prefer }, model);
      expect(onTfjs.backend.name).toBe(prefer);
      expect(relativeDistance(onTfjs.parameters, plain.parameters)).toBeLessThan(1e-5);
    }
  });

  test(`asked for the same bits, the browser gives ${model.kind} the very bits that Node gives`, async () => {
    // Typed loosely, because the build is not there when this file is type-checked.
    const built = join(ROOT, 'packages/training/dist/local-training/index.js');
    const { trainSync } = (await import(built)) as typeof import('@tributary/training/local');
    const { backend, parameters } = await train(model, { prefer: 'wasm', sameBits: true });
    expect(backend.adapter).toBe('WebAssembly SIMD');
    const inNode = trainSync({
      model,
      initial: initialParameters(model, 'page'),
      examples: clouds(model, 48),
      training: localTraining({ epochs: 2, batchSize: 16 }),
      seed: 'page',
    });
    expect(parameters).toEqual([...inNode.parameters.values]);
  });
}

for (const [name, model] of Object.entries(SMALL_MODELS)) {
  test(`each kernel that the ${name} uses passes its self-test, on WebGPU and in relaxed WebAssembly`, async () => {
    for (const prefer of ['webgpu', 'wasm'] as const) {
      const backend = await page.evaluate(
        ([spec, options]) =>
          (globalThis as unknown as { trainingPage: TrainingPage }).trainingPage.open(spec, options),
        [model, { prefer }] as const,
      );
      const adapter = { webgpu: 'swiftshader', wasm: 'WebAssembly relaxed SIMD' }[prefer];
      expect(backend).toEqual({ name: prefer, adapter, passedOver: [] });
    }
  });
}

test('by itself the page passes software adapters over and says so, and takes the fastest kernels', async () => {
  const { backend } = await train(MLP, {});
  expect(backend).toEqual({
    name: 'wasm',
    adapter: 'WebAssembly relaxed SIMD',
    passedOver: [{ name: 'webgpu', reason: 'software adapter swiftshader, slower than wasm' }],
  });
});

test('a GPU that is lost in the middle of training is opened again; the second loss ends on WASM', async () => {
  const choice = { allowSoftwareAdapter: true };
  const undisturbed = await train(MLP, choice, MLP, { epochs: 10, afterSubmissions: [] });
  expect(undisturbed.backend.losses).toBe(undefined);

  const once = await train(MLP, choice, MLP, { epochs: 10, afterSubmissions: [20] });
  const loss = { name: 'webgpu', reason: expect.stringContaining('the GPU was lost') };
  expect(once.backend).toEqual({
    ...{ name: 'webgpu', adapter: 'swiftshader', passedOver: [] },
    losses: [{ ...loss, outcome: 'reopened' }],
  });

  const twice = await train(MLP, choice, MLP, { epochs: 10, afterSubmissions: [20, 20] });
  expect(twice.backend).toEqual({
    ...{ name: 'wasm', adapter: 'WebAssembly relaxed SIMD' },
    passedOver: [{ name: 'webgpu', reason: expect.stringContaining('lost twice within one training') }],
    losses: [
      { ...loss, outcome: 'reopened' },
      { ...loss, outcome: 'passed-over' },
    ],
  });

  for (const { parameters, checkpoints } of [once, twice]) {
    expect(relativeDistance(parameters, undisturbed.parameters)).toBeLessThan(1e-5);
    expect(checkpoints).toBe(10);
  }
});

test('an uploaded model takes tfjs on WASM, with a reason against each better backend', async () => {
  const { backend } = await train(uploaded(MLP), {}, MLP);
  expect(backend.name).toBe('wasm');
  expect(backend.passedOver.map(({ name }) => name)).toEqual(['webgpu', 'webgl']);
});

test('asked to allow a software adapter, the choice takes WebGPU', async () => {
  const { backend } = await train(MLP, { allowSoftwareAdapter: true });
  expect(backend).toEqual({ name: 'webgpu', adapter: 'swiftshader', passedOver: [] });
});

for (const prefer of ['webgpu', 'wasm', 'plain'] as const) {
  test(`training on ${prefer} stops within a second`, async () => {
    const { ms, code } = await page.evaluate(
      ([spec, options]) =>
        (globalThis as unknown as { trainingPage: TrainingPage }).trainingPage.stop(spec, options),
      [MLP, { prefer }] as const,
    );
    expect(code).toBe('training-stopped');
    expect(ms).toBeLessThan(1000);
  });
}

test('a worker that cannot load is an error with a code', async () => {
  const code = await page.evaluate(() =>
    (globalThis as unknown as { trainingPage: TrainingPage }).trainingPage.crash(),
  );
  expect(code).toBe('backend-unavailable');
});

test('the page itself never loads tfjs', async () => {
  const loaded = await page.evaluate(() =>
    performance.getEntriesByType('resource').map((entry) => entry.name),
  );
  const scripts = loaded.filter((name) => name.endsWith('.js') && !name.includes('worker'));
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) {
    expect(await (await page.request.get(script)).text(), script).not.toContain('Conv2DBackpropFilter');
  }
});
