/**
 * A class in a room: everybody reaches one machine under an address of its own, over HTTPS with a certificate that
 * nobody vouches for. And over plain HTTP the page says why it cannot train.
 */
import { X509Certificate } from 'node:crypto';
import { type Browser, chromium, type Page } from '@playwright/test';
import type { TaskManifestInput } from '@tributary/fl-core';
import { loadDigits, writeShard } from './fixtures/digit-files.ts';
import { expect, test } from './fixtures/index.ts';
import { takePart } from './fixtures/taking-part.ts';

const MANIFEST: TaskManifestInput = {
  manifestVersion: 1,
  name: 'A class in a room',
  seed: 'self-signed',
  model: { kind: 'softmax-regression', inputSize: 784, classes: 10 },
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 16 },
  rounds: { committedRounds: 1, reportGoal: 2, overSelection: 1, minimumSurvivors: 2 },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
};

/** Like somebody who compared the fingerprint and clicked the warning away. */
async function joinPast(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

const examplesOf = (shard: number) => writeShard(loadDigits(), { start: shard * 60, count: 60 });

test('two browsers under different addresses train a round on WebGPU over self-signed TLS', async ({
  browser,
  coordinator,
}) => {
  const { runId } = await coordinator.createRun(MANIFEST);
  await coordinator.steer(runId, 'launch');
  const { hash } = new URL((await coordinator.invite(runId)).joinUrl);
  // The same folder, now for others, too. The run and its tickets go on.
  const flags = ['--host', '0.0.0.0', '--tls', 'self-signed'];
  const { url, urls, certificateFingerprint } = await coordinator.restartWith(flags);
  expect(url).toBe(`https://127.0.0.1:${coordinator.port}`);
  expect(urls).toContain(url);

  // What is printed for the board is what the browser would show.
  const files = await coordinator.files();
  const certificate = files.find(({ name }) => name.endsWith('tls/certificate.pem'))!.content;
  expect(certificateFingerprint).toBe(new X509Certificate(certificate).fingerprint256);
  const again = await coordinator.restartWith(flags);
  expect(again.certificateFingerprint).toBe(certificateFingerprint);

  const pages: Page[] = [];
  for (const [index, address] of ['127.0.0.1', '127.0.0.2'].entries()) {
    const join = `https://${address}:${coordinator.port}/join?backend=webgpu${hash}`;
    const page = await joinPast(browser, join);
    expect(await page.evaluate(() => [isSecureContext, location.protocol])).toEqual([true, 'https:']);
    await takePart(page, await examplesOf(index));
    pages.push(page);
  }
  for (const page of pages) {
    await expect(page.getByTestId('contributions')).toHaveText('1', { timeout: 120_000 });
    await expect(page.getByTestId('backend')).toHaveAttribute('data-backend', 'webgpu');
    await page.context().close();
  }
});

test('over plain HTTP from another machine the page explains what is missing', async ({
  coordinator,
  launchOptions,
}) => {
  const { runId } = await coordinator.createRun(MANIFEST);
  const { hash } = new URL((await coordinator.invite(runId)).joinUrl);
  await coordinator.restartWith(['--host', '0.0.0.0']);
  await expect.poll(() => coordinator.output()).toContain('plain HTTP');
  // A name that is no loopback name to the browser, as any address of another machine.
  const browser = await chromium.launch({
    ...launchOptions,
    args: [...(launchOptions.args ?? []), '--host-resolver-rules=MAP lab.test 127.0.0.1'],
  });
  try {
    const page = await browser.newPage();
    const errors: Error[] = [];
    page.on('pageerror', (error) => errors.push(error));
    await page.goto(`http://lab.test:${coordinator.port}/join${hash}`);
    expect(await page.evaluate(() => isSecureContext)).toBe(false);
    await expect(page.getByTestId('insecure-context')).toBeVisible();
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
});
