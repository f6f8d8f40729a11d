/**
 * `npm test`: set everything up (a Chromium too), then run every test: `check`, all unit and property tests, and
 * the end-to-end tests with real browsers. The last line is `N passed, N failed`; the exit code agrees with it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  bin,
  ensureChromium,
  ensureCompiled,
  ensureInstalled,
  ensurePageBuilt,
  root,
  run,
  say,
} from './setup.mjs';

const reports = mkdtempSync(path.join(os.tmpdir(), 'tributary-test-'));
const totals = { passed: 0, failed: 0 };

try {
  await ensureInstalled();
  await ensureCompiled();
  await ensurePageBuilt();
  const chromium = await ensureChromium();
  await checkStep('format, lint, import rules', bin('biome'), ['check', '--error-on-warnings', '.']);
  await checkStep('types', bin('tsc'), ['-b']);
  await checkStep('dead code', bin('knip'), ['--no-progress']);
  await unitTests();
  await browserTests(chromium);
} catch (error) {
  say(error.message);
  totals.failed += 1;
} finally {
  rmSync(reports, { recursive: true, force: true });
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);

async function checkStep(name, program, args) {
  const passed = await succeeds(program, args, { quiet: true });
  say(`${passed ? 'ok' : 'FAILED'}: ${name}`);
  count(passed ? 1 : 0, passed ? 0 : 1);
}

async function unitTests() {
  const report = path.join(reports, 'vitest.json');
  const passed = await succeeds(bin('vitest'), [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  const { numPassedTests, numFailedTests } = readReport(report);
  count(numPassedTests, numFailedTests);
  // A file that cannot be loaded fails without any test that failed.
  if (!passed && numFailedTests === 0) count(0, 1);
}

async function browserTests(chromium) {
  const report = path.join(reports, 'playwright.json');
  const passed = await succeeds(bin('playwright'), ['test', '--reporter=list,json'], {
    env: { CHROMIUM_PATH: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: report, FORCE_COLOR: '0' },
  });
  const { expected, flaky, unexpected } = readReport(report).stats;
  count(expected + flaky, unexpected);
  if (!passed && unexpected === 0) count(0, 1);
}

async function succeeds(program, args, options) {
  try {
    await run(program, args, options);
    return true;
  } catch (error) {
    say(error.message.replaceAll(root, '.'));
    return false;
  }
}

function readReport(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function count(passed, failed) {
  totals.passed += passed;
  totals.failed += failed;
}
