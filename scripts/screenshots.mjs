/**
 * `node scripts/screenshots.mjs [NAME]`: pictures of the page and the dashboard in each of their states, at a desk
 * and on a phone, light and dark, into `docs/screenshots`; with NAME only those whose name contains it.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { ensureChromium, ensureCompiled, ensureInstalled, ensurePageBuilt, root, say } from './setup.mjs';

const SIZES = { desk: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };
const SCHEMES = ['light', 'dark'];
const LEARNING_MS = 40_000;
const WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const folder = path.join(root, 'docs/screenshots');
const wanted = process.argv[2] ?? '';

await ensureInstalled();
await ensureCompiled();
await ensurePageBuilt();
mkdirSync(folder, { recursive: true });
const dataFolder = mkdtempSync(path.join(os.tmpdir(), 'tributary-screenshots-'));
const demo = await startDemo();
const browser = await chromium.launch({
  executablePath: await ensureChromium(),
  args: ['--no-sandbox', '--disable-background-networking', ...WEBGPU],
});

const STATES = {
  'page-empty': async (page) => {
    await page.goto(demo.links.joinUrl);
    await page.getByTestId('start').waitFor();
  },
  'page-data': async (page) => {
    await STATES['page-empty'](page);
    await addSample(page);
    await page.getByTestId('example-count').scrollIntoViewIfNeeded();
  },
  'page-training': async (page) => {
    await STATES['page-empty'](page);
    await takePart(page);
    await page.getByTestId('own-accuracy-after').waitFor({ timeout: 60_000 });
    await toTop(page);
  },
  'page-done': async (page) => {
    await page.goto(await inviteToShortRun());
    await takePart(page);
    const status = page.getByTestId('participant-status');
    await status.and(page.locator('[data-phase="ended"]')).waitFor({ timeout: 120_000 });
    await toTop(page);
  },
  'page-error': async (page) => {
    await page.goto(`${demo.links.url}/join#ticket=damaged.in.copying`);
    await page.getByRole('heading', { level: 1 }).waitFor();
  },
  'dashboard-runs': async (page) => {
    await page.goto(`${demo.links.url}/admin`);
    await page.getByLabel('Operator token').fill(demo.links.operatorToken);
    await page.keyboard.press('Enter');
    await page.getByText(DEMO_NAME).first().waitFor();
  },
  'dashboard-run': async (page) => {
    await STATES['dashboard-runs'](page);
    await page.getByText(DEMO_NAME).first().click();
    await page.getByText('Learning curves').waitFor();
    await page.waitForTimeout(2000);
  },
  'dashboard-model': async (page) => {
    await STATES['dashboard-run'](page);
    await page.getByRole('link', { name: 'Model', exact: true }).click();
    await page.getByText('How to load it').first().waitFor();
  },
  'dashboard-new-run': async (page) => {
    await STATES['dashboard-runs'](page);
    await page
      .getByRole('link', { name: 'New run' })
      .or(page.getByRole('button', { name: 'New run' }))
      .click();
    await page.waitForTimeout(1000);
  },
};
const DEMO_NAME = 'Demo: handwritten digits';

try {
  say('Letting the demo learn for a while ...');
  await new Promise((resolve) => setTimeout(resolve, LEARNING_MS));
  for (const [state, show] of Object.entries(STATES)) {
    if (!state.includes(wanted)) continue;
    for (const [size, viewport] of Object.entries(SIZES)) {
      for (const colorScheme of SCHEMES) {
        await picture(
          { viewport, colorScheme, reducedMotion: 'reduce' },
          `${state}-${size}-${colorScheme}`,
          show,
        );
      }
    }
  }
} finally {
  await browser.close();
  demo.child.kill('SIGTERM');
  await new Promise((resolve) => demo.child.once('exit', resolve));
  rmSync(dataFolder, { recursive: true, force: true });
}

async function startDemo() {
  const main = path.join(root, 'apps/coordinator/dist/main.js');
  const args = [main, 'serve', '--demo', '--json', '--port', '0', '--data', dataFolder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const links = await new Promise((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      if (printed.trim().endsWith('}')) resolve(JSON.parse(printed));
    });
    child.once('exit', (code) => reject(new Error(`the demo ended with ${code}`)));
  });
  return { child, links };
}

/** A run of two rounds that one participant alone can finish. */
async function inviteToShortRun() {
  const template = (await admin('templates')).find(({ id }) => id === 'digits-softmax').manifest;
  const rounds = {
    ...template.rounds,
    committedRounds: 2,
    reportGoal: 1,
    minimumSurvivors: 1,
    overSelection: 1,
  };
  const manifest = {
    ...template,
    rounds,
    compression: { codec: 'float32' },
    secureAggregation: { mode: 'off' },
  };
  const { runId } = await admin('runs', { manifest });
  await admin(`runs/${runId}/launch`, {});
  return (await admin(`runs/${runId}/invites`, {})).joinUrl;
}

async function admin(route, body) {
  const response = await fetch(`${demo.links.url}/v1/admin/${route}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${demo.links.operatorToken}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
  return response.json();
}

async function picture(options, name, act) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  try {
    await act(page);
    await page.screenshot({ path: path.join(folder, `${name}.png`) });
    say(`docs/screenshots/${name}.png`);
  } finally {
    await context.close();
  }
}

async function addSample(page) {
  await page.getByTestId('add-sample').click();
  await page.locator('[data-testid="example-count"]:not([data-count="0"])').waitFor();
}

async function takePart(page) {
  await addSample(page);
  await page.getByTestId('consent').check();
  await page.getByTestId('start').click();
}

async function toTop(page) {
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(1000);
}
