/**
 * Training in a real browser's worker: the same update from WebGPU, WASM and the plain trainer. The WebGPU adapter
 * is SwiftShader and is asserted, because a silent fallback would pass every other check.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { initialParameters } from '@tributary/fl-core';
import { type BuiltPage, openBuiltPage } from '../../benchmarks/built-page.ts';
import {
  clouds,
  localTraining,
  MLP,
  relativeDistance,
  SOFTMAX,
  TINY_CNN,
} from '../../packages/training/test/small-problems.ts';
import type { TrainingPage } from './training-page/main.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let built: BuiltPage;
let page: Page;

test.describe.configure({ mode: 'serial', timeout: 120_000 });

test.beforeAll(async ({ browser }) => {
  built = await openBuiltPage({
    root: ROOT,
    config: 'test/e2e/training-page/vite.config.ts',
    name: 'training-page',
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
function train(...[model, choice]: Parameters<TrainingPage['train']>) {
  return page.evaluate(
    ([spec, options]) =>
      (globalThis as unknown as { trainingPage: TrainingPage }).trainingPage.train(spec, options),
    [model, choice] as const,
  );
}

for (const model of [SOFTMAX, MLP]) {
  test(`WebGPU, WASM and the plain trainer give the same ${model.kind}`, async () => {
    const onWebGpu = await train(model, { prefer: 'webgpu' });
    const onWasm = await train(model, { prefer: 'wasm' });
    const plain = await train(model, { prefer: 'plain' });

    expect(onWebGpu.backend).toEqual({ name: 'webgpu', adapter: 'swiftshader', passedOver: [] });
    expect(onWasm.backend.name).toBe('wasm');
    expect(plain.backend.name).toBe('plain');
    expect(relativeDistance(onWebGpu.parameters, onWasm.parameters)).toBeLessThan(1e-5);
    expect(relativeDistance(plain.parameters, onWasm.parameters)).toBeLessThan(1e-5);
    for (const outcome of [onWebGpu, onWasm, plain]) {
      expect(outcome.evaluation.accuracy).toBeCloseTo(onWasm.evaluation.accuracy, 5);
      expect(outcome.predictedRight).toBe(outcome.evaluation.accuracy);
      expect(outcome.checkpoints).toBe(2);
      expect(outcome.progressReports).toBeGreaterThan(0);
    }
  });
}

test('the plain trainer gives the very bits in the browser that it gives in Node', async () => {
  // Typed loosely, because the build is not there when this file is type-checked.
  const compiled = join(ROOT, 'packages/training/dist/local-training/index.js');
  const { trainSync } = (await import(compiled)) as typeof import('@tributary/training/local');
  const { backend, parameters } = await train(MLP, { prefer: 'plain' });
  expect(backend.adapter).toBe('WebAssembly SIMD');
  const inNode = trainSync({
    model: MLP,
    initial: initialParameters(MLP, 'page'),
    examples: clouds(MLP, 48),
    training: localTraining({ epochs: 2, batchSize: 16 }),
    seed: 'page',
  });
  expect(parameters).toEqual([...inNode.parameters.values]);
});

test('a convolution trains on WebGPU, whose gradient passed the self-test against the CPU', async () => {
  const { backend, evaluation } = await train(TINY_CNN, { prefer: 'webgpu' });
  expect(backend).toEqual({ name: 'webgpu', adapter: 'swiftshader', passedOver: [] });
  expect(evaluation.loss).toBeLessThan(2);
});

test('a convolution trains on WASM, whose gradient passed the self-test against the CPU', async () => {
  const onWasm = await train(TINY_CNN, { prefer: 'wasm' });
  const onCpu = await train(TINY_CNN, { prefer: 'cpu' });
  expect(onWasm.backend.name).toBe('wasm');
  expect(relativeDistance(onWasm.parameters, onCpu.parameters)).toBeLessThan(1e-5);
});

test('by itself the page passes software adapters over and says so', async () => {
  const { backend } = await train(MLP, {});
  expect(backend.name).toBe('plain');
  expect(backend.passedOver[0]).toEqual({
    name: 'webgpu',
    reason: 'software adapter swiftshader, slower than wasm',
  });
  expect(backend.passedOver[1]?.name).toBe('webgl');
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
