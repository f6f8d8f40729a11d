/** The dashboard's page that measures the operator's own device: in its worker, to be stopped, readable everywhere. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import type { DeviceMeasurement } from '@tributary/training/roofline';
import { expect, test } from './fixtures/index.ts';

const KERNELS = (['dense', 'depthwise-convolution', 'max-pooling'] as const).flatMap((kind, index) =>
  (['forward', 'backward'] as const).map((pass) => ({
    kind,
    model: index === 0 ? null : ('separable-cnn' as const),
    pass,
    work: { flops: kind === 'max-pooling' ? 0 : 1e9 / (index + 1), bytes: 1e7 * (index * 9 + 1) },
    seconds: 0.04,
    shareOfBound: 0.31,
  })),
);
const MEASUREMENT: DeviceMeasurement = {
  backends: [
    {
      name: 'wasm-relaxed',
      adapter: '',
      ceilings: { flopsPerSecond: 81.5e9, bytesPerSecond: 18.2e9 },
      kernels: KERNELS,
      models: [{ model: 'mcmahan-cnn', batch: 32, examplesPerSecond: 612.34 }],
    },
    {
      name: 'webgpu',
      adapter: 'swiftshader',
      ceilings: { flopsPerSecond: 2.5e9, bytesPerSecond: 4e9 },
      kernels: KERNELS,
      models: [{ model: 'mlp', batch: 2, examplesPerSecond: 201.2 }],
    },
  ],
  missing: [{ name: 'reference', reason: 'nothing ever forbids it' }],
};

async function openDevicePage(
  page: Page,
  coordinator: { url: string; operatorToken: string },
): Promise<void> {
  await page.goto(`${coordinator.url}/admin`);
  await page.getByLabel('Operator token').fill(coordinator.operatorToken);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'This device' }).click();
  await expect(page.getByRole('heading', { name: 'This device', level: 1 })).toBeVisible();
}

test('measuring reports progress from a worker, and ends at once when it is cancelled', async ({
  coordinator,
  page,
}) => {
  await openDevicePage(page, coordinator);
  const worker = page.waitForEvent('worker');
  await page.getByRole('button', { name: 'Measure' }).press('Enter');
  const ended = (await worker).waitForEvent('close');
  await expect(page.getByText('Measuring: WebAssembly', { exact: true })).toBeVisible();
  await expect
    .poll(() => page.getByRole('progressbar').getAttribute('value').then(Number))
    .toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Cancel' }).press('Enter');
  await ended;
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Measure' })).toBeVisible();
});

test('what was measured is drawn and listed, sound on a desk and a phone, light and dark', async ({
  coordinator,
  page,
}) => {
  const answer = { kind: 'done', measurement: MEASUREMENT };
  await page.route('**/roofline.worker-*.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: `postMessage(${JSON.stringify(answer)})` }),
  );
  await openDevicePage(page, coordinator);
  await page.getByRole('button', { name: 'Measure' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'WebGPU · swiftshader' })).toBeVisible();
  await expect(page.getByText('a program that plays a graphics card')).toBeVisible();
  await expect(page.getByText('Plain TypeScript: nothing ever forbids it')).toBeVisible();
  const plot = page.getByRole('img', { name: /^Roofline of WebAssembly/ });
  // Pooling multiplies nothing, so it has no place in the plot; the table has it.
  await expect(plot.locator('circle')).toHaveCount(4);
  const row = page.getByRole('row', { name: /max pooling, separable-cnn forward/ }).first();
  await expect(row).toContainText('31 %');
  await expect(page.getByRole('row', { name: /mcmahan-cnn 32 612/ })).toBeVisible();
  for (const viewport of [
    { width: 1280, height: 900 },
    { width: 360, height: 740 },
  ]) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    }
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(viewport.width);
  }
});

test('it speaks German, too, and says when measuring breaks', async ({ coordinator, browser }) => {
  const page = await (await browser.newContext({ locale: 'de-DE' })).newPage();
  await page.route('**/roofline.worker-*.js', (route) =>
    route.fulfill({
      contentType: 'text/javascript',
      body: `postMessage({ kind: 'failed', message: 'shader refused' })`,
    }),
  );
  await page.goto(`${coordinator.url}/admin`);
  await page.getByLabel('Zugangstoken').fill(coordinator.operatorToken);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Dieses Gerät' }).click();
  await page.getByRole('button', { name: 'Messen' }).click();
  await expect(page.getByRole('alert')).toContainText('Die Messung ist nicht fertig geworden');
  await expect(page.getByRole('alert')).toContainText('shader refused');
  await page.context().close();
});
