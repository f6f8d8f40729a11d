/**
 * The WebGPU engine in a real browser against the plain engine: every operation, every built-in model. The adapter is
 * SwiftShader and is asserted, because other adapters are another test.
 */
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { openBuiltPage } from '../../benchmarks/built-page.ts';
import { MODEL_PROBLEMS, OPERATION_PROBLEMS } from '../../packages/training/test/engine-problems.ts';
import { ADAM, MOMENTUM, SGD } from '../../packages/training/test/small-problems.ts';
import type { Outcome, Trial, WebGpuPage } from './webgpu-page/main.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The velocity after a first step is the gradient itself, without the rounding of parameters. */
const GRADIENT: Trial = {
  optimiser: { kind: 'momentum', learningRate: 1e-3, momentum: 0 },
  steps: 1,
  examplesPerPass: 3,
  clipping: null,
  isResumed: false,
  isTravelling: false,
};

/** A GPU's exponentials and hyperbolic tangents are less exact than its sums. */
const TRANSCENDENTAL = ['causal-attention', 'gated-recurrence'];

let page: Page;
let closeServer: () => void;

test.describe.configure({ mode: 'default', timeout: 240_000 });

test.beforeAll(async ({ browser }) => {
  const built = await openBuiltPage({
    root: ROOT,
    config: 'test/e2e/webgpu-page/vite.config.ts',
  });
  closeServer = built.close;
  page = await browser.newPage();
  await page.goto(built.url);
  await page.waitForFunction(() => 'webGpuPage' in globalThis);
  const architecture = await page.evaluate(() =>
    (globalThis as unknown as { webGpuPage: WebGpuPage }).webGpuPage.architecture(),
  );
  expect(architecture).toBe('swiftshader');
});

test.afterAll(async () => {
  await page?.close();
  closeServer?.();
});

function compare(problem: string, trial: Trial): Promise<Outcome> {
  return page.evaluate(
    ([name, how]) => (globalThis as unknown as { webGpuPage: WebGpuPage }).webGpuPage.compare(name, how),
    [problem, trial] as const,
  );
}

function expectNear({ parameters, moments, logits, loss, bytes, failure }: Outcome, tolerance: number): void {
  expect(failure).toBe(null);
  for (const distance of [parameters, ...moments, logits, loss]) expect(distance).toBeLessThan(tolerance);
  expect(bytes.planned).toBeGreaterThanOrEqual(bytes.taken);
  expect(bytes.planned).toBeLessThanOrEqual(1.05 * bytes.taken);
}

for (const [name, { network }] of Object.entries({ ...OPERATION_PROBLEMS, ...MODEL_PROBLEMS })) {
  const isTranscendental = network.operations.some(
    (operation) =>
      TRANSCENDENTAL.includes(operation.kind) ||
      ('activation' in operation && operation.activation === 'gelu'),
  );
  const tolerance = isTranscendental ? 1e-4 : 1e-5;

  test(`WebGPU gives the gradient of the plain engine: ${name}`, async () => {
    expectNear(await compare(name, GRADIENT), tolerance);
    const inParts = { ...GRADIENT, examplesPerPass: 2 };
    expectNear(await compare(name, inParts), tolerance);
  });
}

test('WebGPU clips the gradient of each microbatch, in one pass and in several', async () => {
  for (const examplesPerPass of [1, 3]) {
    for (const microbatchSize of [1, 2]) {
      // The first bounds every microbatch of this problem, the second none.
      for (const clippingNorm of [0.4, 1000]) {
        const clipping = { clippingNorm, microbatchSize };
        expectNear(await compare('mlp', { ...GRADIENT, examplesPerPass, clipping }), 1e-5);
      }
    }
  }
});

for (const optimiser of [SGD, MOMENTUM, ADAM]) {
  test(`WebGPU takes the steps of ${optimiser.kind}, and goes on from what it gave out`, async () => {
    const trial = { ...GRADIENT, optimiser, steps: 4 };
    // Adam divides small moments by small moments.
    const tolerance = optimiser.kind === 'adam' ? 1e-4 : 1e-5;
    expectNear(await compare('mlp', trial), tolerance);
    expectNear(await compare('mlp', { ...trial, isResumed: true }), tolerance);
  });
}

test('examples that are too many for the GPU travel with each pass', async () => {
  expectNear(await compare('mlp', { ...GRADIENT, examplesPerPass: 2, isTravelling: true }), 1e-5);
});

test('a lost device rejects what waits for it, and says that it was lost', async () => {
  const codes = await page.evaluate(() =>
    (globalThis as unknown as { webGpuPage: WebGpuPage }).webGpuPage.lose(),
  );
  expect(codes).toEqual(['backend-unavailable', 'backend-unavailable', 'backend-unavailable']);
});
