/**
 * Mixed precision in a real browser. The adapter is SwiftShader, which has no `shader-f16`: halves lie packed in words. The
 * figures are those of Micikevicius et al. 2018, sections 3.1 to 3.3.
 */
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import type { BuiltInModelSpec } from '@tributary/fl-core';
import { openBuiltPage } from '../../benchmarks/built-page.ts';
import { LOSS_SCALING } from '../../packages/training/src/webgpu/loss-scale.ts';
import type { MixedPrecisionPage } from './mixed-precision-page/main.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const TRANSFORMER = {
  kind: 'char-transformer',
  vocabularySize: 11,
  sequenceLength: 6,
  width: 16,
  heads: 2,
  blocks: 1,
} as const;

/** All widths are multiples of four, so that all values but inputs and logits take half the room. */
const MODELS: readonly BuiltInModelSpec[] = [
  { kind: 'mlp', inputSize: 9, hidden: [8, 12], classes: 3 },
  { kind: 'mcmahan-cnn', height: 9, width: 8, channels: 2, classes: 3 },
  {
    kind: 'separable-cnn',
    height: 7,
    width: 6,
    channels: 3,
    stemFilters: 4,
    blocks: [{ filters: 8, stride: 2 }],
    classes: 3,
  },
  { kind: 'char-gru', vocabularySize: 11, sequenceLength: 6, units: 8 },
  TRANSFORMER,
  {
    ...TRANSFORMER,
    adaptation: { kind: 'lora', rank: 4, scale: 0.5, baseModel: 'ab'.repeat(32) },
  },
];

let page: Page;
let closeServer: () => void;

test.describe.configure({ mode: 'default', timeout: 240_000 });

test.beforeAll(async ({ browser }) => {
  const built = await openBuiltPage({
    root: ROOT,
    config: 'test/e2e/mixed-precision-page/vite.config.ts',
  });
  closeServer = built.close;
  page = await browser.newPage();
  await page.goto(built.url);
  await page.waitForFunction(() => 'mixedPrecisionPage' in globalThis);
  expect(await call('architecture')).toBe('swiftshader');
});

test.afterAll(async () => {
  await page?.close();
  closeServer?.();
});

function call<Name extends keyof MixedPrecisionPage>(
  name: Name,
  ...given: Parameters<MixedPrecisionPage[Name]>
): Promise<Awaited<ReturnType<MixedPrecisionPage[Name]>>> {
  return page.evaluate(
    ([method, parameters]) => {
      const { mixedPrecisionPage } = globalThis as unknown as { mixedPrecisionPage: MixedPrecisionPage };
      return (mixedPrecisionPage[method] as (...all: unknown[]) => never)(...parameters);
    },
    [name, given] as const,
  );
}

for (const model of MODELS) {
  const adapted = 'adaptation' in model ? 'adapted ' : '';
  test(`a gradient in mixed precision is that of float32, as near as halves are: ${adapted}${model.kind}`, async () => {
    const distance = await call('gradientDistance', model, 'mixed', null);
    // Eleven bits: 2 ** -11 for each rounding, and some roundings in a row.
    expect(distance).toBeLessThan(5e-3);
    // In float32 it would be below 1e-6: this one does use halves.
    expect(distance).toBeGreaterThan(1e-5);
    const isTranscendental = model.kind.startsWith('char-');
    expect(await call('gradientDistance', model, 'float32', null)).toBeLessThan(
      isTranscendental ? 1e-4 : 1e-5,
    );
  });
}

test('the clipping of microbatches does not see the loss scale', async () => {
  const clipping = { clippingNorm: 0.1, microbatchSize: 1 };
  expect(await call('gradientDistance', MODELS[0]!, 'mixed', clipping)).toBeLessThan(5e-3);
});

test('without a loss scale small gradients become zero, with it they do not', async () => {
  expect(await call('fractionOfZeros', 1)).toBeGreaterThan(0.3);
  expect(await call('fractionOfZeros', LOSS_SCALING.initial)).toBeLessThan(0.01);
});

test('a step that overflows is left out, that one alone, and the scale halved', async () => {
  expect(await call('overflow')).toEqual([
    { scale: 65_536, skippedSteps: 0, isTaken: true },
    { scale: 32_768, skippedSteps: 1, isTaken: false },
    { scale: 32_768, skippedSteps: 1, isTaken: true },
    { scale: 32_768, skippedSteps: 1, isTaken: true },
  ]);
});

test('the scale doubles after so many good steps', async () => {
  expect(LOSS_SCALING).toEqual({ initial: 65_536, stepsToDouble: 2000 });
  expect(await call('scales', 3, 7)).toEqual([64, 64, 128, 128, 128, 256, 256]);
});

test('a run that asks for mixed precision trains in it', async () => {
  const { isPassedOver, loss, lossInFull } = await call('trainAsAsked');
  expect(isPassedOver).toBe(false);
  expect(loss).not.toBe(lossInFull);
  expect(Math.abs(loss - lossInFull)).toBeLessThan(0.01 * lossInFull);
});

test('a perceptron learns as well in mixed precision as in float32, within 0.3 points', async () => {
  const inFull = await call('accuracy', 'float32');
  expect(inFull).toBeGreaterThan(0.8);
  expect(inFull).toBeLessThan(1);
  expect(Math.abs((await call('accuracy', 'mixed')) - inFull)).toBeLessThanOrEqual(0.003);
});
