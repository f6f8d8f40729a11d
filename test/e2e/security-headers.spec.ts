/**
 * The content security policy allows what the page does, and nothing that somebody could slip into it. Whatever the
 * browser refuses it reports, so a whole visit (load, import, train, dashboard) must end without a report.
 */
import type { BrowserContext } from '@playwright/test';
import type { TaskManifestInput } from '@tributary/fl-core';
import { loadDigits, writeShard } from './fixtures/digit-files.ts';
import { expect, test } from './fixtures/index.ts';
import { takePart } from './fixtures/taking-part.ts';

const MANIFEST: TaskManifestInput = {
  manifestVersion: 1,
  name: 'One round under a strict policy',
  seed: 'security-headers',
  model: { kind: 'softmax-regression', inputSize: 784, classes: 10 },
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 16 },
  rounds: { committedRounds: 1, reportGoal: 1, minimumSurvivors: 1, selectionSeconds: 1 },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
};

interface Report {
  readonly directive: string;
  readonly blocked: string;
  readonly sample: string;
}

/** What the browser refuses in any page of the context from now on. */
async function reportsOf(context: BrowserContext): Promise<Report[]> {
  const reports: Report[] = [];
  await context.exposeFunction('reportViolation', (report: Report) => void reports.push(report));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const { effectiveDirective: directive, blockedURI: blocked, sample } = event;
      (globalThis as unknown as { reportViolation(report: object): void }).reportViolation({
        directive,
        blocked,
        sample,
      });
    });
  });
  // A worker's own refusals reach no page, only the console.
  context.on('console', (message) => {
    if (/content security policy|trusted ?(type|html|script)/i.test(message.text())) {
      reports.push({ directive: 'console', blocked: '', sample: message.text() });
    }
  });
  return reports;
}

for (const backend of ['webgpu', 'wasm']) {
  test(`a visit from join link to trained round on ${backend} violates no policy`, async ({
    browser,
    coordinator,
  }) => {
    const { runId } = await coordinator.createRun(MANIFEST);
    await coordinator.steer(runId, 'launch');
    const { joinUrl } = await coordinator.invite(runId);
    const context = await browser.newContext();
    const reports = await reportsOf(context);
    const page = await context.newPage();
    const { hash } = new URL(joinUrl);
    const answer = await page.goto(`${coordinator.url}/join?backend=${backend}${hash}`);
    const policy = answer!.headers()['content-security-policy']!;
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain("'unsafe-eval'");
    expect(/script-src[^;]*unsafe-inline/.test(policy)).toBe(false);

    await takePart(page, await writeShard(loadDigits(), { start: 0, count: 60 }));
    await expect(page.getByTestId('contributions')).toHaveText('1', { timeout: 120_000 });
    await expect(page.getByTestId('backend')).toHaveAttribute('data-backend', backend);
    expect(reports).toEqual([]);
    await context.close();
  });
}

test('the dashboard violates no policy', async ({ browser, coordinator }) => {
  const { runId } = await coordinator.createRun(MANIFEST);
  const context = await browser.newContext();
  const reports = await reportsOf(context);
  const page = await context.newPage();
  const ofRun = (show: string): string => `run=${runId}&show=${show}`;
  await page.goto(`${coordinator.url}/admin#token=${coordinator.operatorToken}`);
  await expect(page.getByText(MANIFEST.name).first()).toBeVisible();
  const views = ['people', 'new', ...['overview', 'rounds', 'model', 'invites', 'log'].map(ofRun)];
  for (const view of views) {
    await page.goto(`${coordinator.url}/admin#${view}`);
    await expect(page.getByRole('heading').first()).toBeVisible();
    await page.waitForLoadState('networkidle');
  }
  expect(reports).toEqual([]);
  await context.close();
});

test('what is slipped into the page is refused and reported', async ({ browser, coordinator }) => {
  const context = await browser.newContext();
  const reports = await reportsOf(context);
  const page = await context.newPage();
  await page.goto(`${coordinator.url}/`);
  // Playwright's own evaluation is not subject to the policy; what it does to the page is.
  const outcome = await page.evaluate(() => {
    const attempt = (work: () => unknown): string => {
      try {
        work();
        return 'done';
      } catch (error) {
        return (error as Error).name;
      }
    };
    const box = document.body.appendChild(document.createElement('div'));
    const script = document.createElement('script');
    script.append(document.createTextNode('globalThis.wasRun = true'));
    return {
      markup: attempt(() => {
        box.innerHTML = '<img src=x onerror="globalThis.wasRun = true">';
      }),
      styleSheet: attempt(() => {
        box.innerHTML = '.a > .b { color: red }';
      }),
      inlineScript: attempt(() => document.body.append(script)),
      foreignWorker: attempt(() => new Worker('https://evil.example/worker.js')),
      blobWorker: attempt(() => new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])))),
      scriptAddress: attempt(() => {
        document.createElement('script').src = '/assets/anything.js';
      }),
      anotherPolicy: attempt(() =>
        (
          globalThis as unknown as { trustedTypes: { createPolicy(name: string, rules: object): void } }
        ).trustedTypes.createPolicy('loophole', { createHTML: (text: string) => text }),
      ),
      handler: attempt(() => box.setAttribute('onclick', 'globalThis.wasRun = true')),
    };
  });
  expect(outcome).toMatchObject({
    markup: 'TypeError',
    styleSheet: 'done',
    foreignWorker: 'TypeError',
    blobWorker: 'TypeError',
    scriptAddress: 'TypeError',
    anotherPolicy: 'TypeError',
  });
  await page.getByRole('main').first().waitFor();
  expect(await page.evaluate(() => (globalThis as { wasRun?: boolean }).wasRun ?? false)).toBe(false);
  const directives = new Set(reports.map(({ directive }) => directive));
  expect(directives).toContain('require-trusted-types-for');
  expect(directives).toContain('trusted-types');
  await context.close();
});

test('an inline script or handler in the document itself does not run', async ({ browser, coordinator }) => {
  const context = await browser.newContext();
  const reports = await reportsOf(context);
  const page = await context.newPage();
  await page.route(`${coordinator.url}/`, async (route) => {
    const response = await route.fetch();
    const slipped = '<script>wasRun = true</script><img src="x" onerror="wasRun = true">';
    const body = (await response.text()).replace('<body>', `<body>${slipped}`);
    expect(body).toContain(slipped);
    await route.fulfill({ response, body });
  });
  await page.goto(`${coordinator.url}/`);
  const directives = () => new Set(reports.map(({ directive }) => directive));
  await expect.poll(directives).toContain('script-src-elem');
  await expect.poll(directives).toContain('script-src-attr');
  expect(await page.evaluate(() => (globalThis as { wasRun?: boolean }).wasRun ?? false)).toBe(false);
  await context.close();
});

test('no other site can frame the page, hold on to its window, or read its answers', async ({
  coordinator,
}) => {
  for (const path of ['/', '/join', '/admin', '/healthz', '/v1/join', '/nothing-here']) {
    const { headers } = await fetch(`${coordinator.url}${path}`);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('permissions-policy')).toContain('camera=()');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('strict-transport-security')).toBeNull();
  }
});
