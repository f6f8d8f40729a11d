/**
 * `node scripts/screenshots.mjs`: pictures of the page and the dashboard during a demo run, at a desk and on a
 * phone, light and dark, into `docs/screenshots`.
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
const folder = path.join(root, 'docs/screenshots');

await ensureInstalled();
await ensureCompiled();
await ensurePageBuilt();
mkdirSync(folder, { recursive: true });
const dataFolder = mkdtempSync(path.join(os.tmpdir(), 'tributary-screenshots-'));
const demo = await startDemo();
const browser = await chromium.launch({
  executablePath: await ensureChromium(),
  args: ['--no-sandbox', '--disable-background-networking'],
});
try {
  say('Letting the demo learn for a while ...');
  await new Promise((resolve) => setTimeout(resolve, LEARNING_MS));
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of SCHEMES) {
      const options = { viewport, colorScheme, reducedMotion: 'reduce' };
      await picture(options, `run-${size}-${colorScheme}`, showRun);
      await picture(options, `join-${size}-${colorScheme}`, takePart);
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

async function picture(options, name, act) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await act(page);
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
  await context.close();
  say(`docs/screenshots/${name}.png`);
}

async function showRun(page) {
  await page.goto(`${demo.links.url}/admin`);
  await page.getByLabel('Operator token').fill(demo.links.operatorToken);
  await page.keyboard.press('Enter');
  await page.getByText('Demo: handwritten digits').first().click();
  await page.getByText('Learning curves').waitFor();
  await page.waitForTimeout(2000);
}

async function takePart(page) {
  await page.goto(demo.links.joinUrl);
  await page.getByTestId('add-sample').click();
  await page.locator('[data-testid="example-count"]:not([data-count="0"])').waitFor();
  await page.getByTestId('consent').check();
  await page.getByTestId('start').click();
  await page.getByTestId('own-accuracy-after').waitFor({ timeout: 60_000 });
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(1000);
}
