/**
 * Where the page is cross-origin isolated, long steps train on several threads and give what one thread gives. The coordinator
 * isolates its pages when told to, and its content security policy allows the threads.
 */
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import type { TaskManifestInput } from '@tributary/fl-core';
import { type BuiltPage, openBuiltPage } from '../../benchmarks/built-page.ts';
import { relativeDistance } from '../../packages/training/test/small-problems.ts';
import { startCoordinatorProcess } from './fixtures/coordinator-process.ts';
import { loadDigits, writeShard } from './fixtures/digit-files.ts';
import { expect, test } from './fixtures/index.ts';
import { takePart } from './fixtures/taking-part.ts';
import type { TrainingPage } from './training-page/main.ts';

const CNN = { kind: 'mcmahan-cnn' as const, height: 28, width: 28, channels: 1, classes: 10 };
const MANIFEST: TaskManifestInput = {
  manifestVersion: 1,
  name: 'One round on several threads',
  seed: 'threads',
  model: CNN,
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 32 },
  rounds: { committedRounds: 1, reportGoal: 1, minimumSurvivors: 1, selectionSeconds: 1 },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
};

test('serve --cross-origin-isolated isolates page and worker, and a round trains on several threads', async ({
  browser,
}) => {
  const coordinator = await startCoordinatorProcess(['--cross-origin-isolated']);
  try {
    const { runId } = await coordinator.createRun(MANIFEST);
    await coordinator.steer(runId, 'launch');
    const { hash } = new URL((await coordinator.invite(runId)).joinUrl);
    const context = await browser.newContext();
    const refusals: string[] = [];
    context.on('console', (message) => {
      if (/(security|embedder) policy|trusted ?(type|script)/i.test(message.text()))
        refusals.push(message.text());
    });
    const page = await context.newPage();
    await page.goto(`${coordinator.url}/join?backend=wasm${hash}`);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    const opened = page.waitForEvent('worker', (worker) => worker.url().includes('training'));
    await takePart(page, await writeShard(loadDigits(), { start: 0, count: 60 }));
    expect(await (await opened).evaluate(() => crossOriginIsolated)).toBe(true);
    await expect(page.getByTestId('contributions')).toHaveText('1', { timeout: 120_000 });
    await expect(page.getByTestId('backend')).toHaveAttribute('data-adapter', /SIMD, [234] threads$/);
    expect(refusals).toEqual([]);
    await context.close();
  } finally {
    await coordinator.stop();
  }
});

test.describe('an isolated page', () => {
  let built: BuiltPage;
  let page: Page;

  test.beforeAll(async ({ browser }) => {
    built = await openBuiltPage({
      root: fileURLToPath(new URL('../..', import.meta.url)),
      config: 'test/e2e/training-page/vite.config.ts',
    });
    page = await browser.newPage();
    await page.goto(built.isolatedUrl);
    await page.waitForFunction(() => 'trainingPage' in globalThis);
  });

  test.afterAll(async () => {
    await page?.close();
    built?.close();
  });

  test('trains on two and on three threads what one thread trains, within 1e-5', async () => {
    const [one, two, three] = await Promise.all(
      [1, 2, 3].map((maximumThreads) =>
        page.evaluate(
          ([model, choice]) =>
            (globalThis as unknown as { trainingPage: TrainingPage }).trainingPage.train(model, choice),
          [CNN, { prefer: 'wasm', maximumThreads }] as const,
        ),
      ),
    );
    const single = one!.backend.adapter;
    expect(single).not.toContain('threads');
    for (const [outcome, threads] of [[two!, 2] as const, [three!, 3] as const]) {
      expect(outcome.backend).toEqual({
        name: 'wasm',
        adapter: `${single}, ${threads} threads`,
        passedOver: [],
      });
      expect(relativeDistance(outcome.parameters, one!.parameters)).toBeLessThan(1e-5);
    }
    // Threads add in another order: they really took part.
    expect(two!.parameters).not.toEqual(one!.parameters);
  });

  test('stops training on threads within a second', async () => {
    const { ms, code } = await page.evaluate(
      ([model, choice]) =>
        (globalThis as unknown as { trainingPage: TrainingPage }).trainingPage.stop(model, choice),
      [CNN, { prefer: 'wasm', maximumThreads: 2 }] as const,
    );
    expect(code).toBe('training-stopped');
    expect(ms).toBeLessThan(1000);
  });
});
