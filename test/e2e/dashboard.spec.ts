/** The dashboard beyond the straight path: every view at every size, roles, a session that ends, a coordinator that is away. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import {
  ADMIN_PATH,
  type OperatorRole,
  operatorTokenSchema,
  type RoundSummary,
  type RunDetail,
  SECURE_SUM_STAGES,
  type SecureSumRecord,
  type TaskManifestInput,
} from '@tributary/fl-core';
import type { CoordinatorProcess } from './fixtures/coordinator-process.ts';
import { expect, test } from './fixtures/index.ts';

const manifest: TaskManifestInput = {
  manifestVersion: 1,
  name: `Donaudampfschifffahrtsgesellschaftskapitän ${'and a very long name '.repeat(3)}`.slice(0, 120),
  description: 'For class 10b.',
  seed: 'dashboard',
  model: { kind: 'mlp', inputSize: 784, hidden: [32], classes: 10 },
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
  rounds: { committedRounds: 400, reportGoal: 100, minimumSurvivors: 80 },
  compression: { codec: 'quantised' },
  secureAggregation: { mode: 'sa-1' },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
};

const VIEWPORTS = [
  { width: 1280, height: 900 },
  { width: 360, height: 740 },
];

async function logIn(page: Page, coordinator: CoordinatorProcess, token: string, hash = ''): Promise<void> {
  await page.goto(`${coordinator.url}/admin${hash}`);
  await page.getByLabel('Operator token').fill(token);
  await page.keyboard.press('Enter');
}

/** No serious fault and nothing to scroll sideways, on a desk and a phone, in light and dark. */
async function expectSoundEverywhere(page: Page, view: string): Promise<void> {
  for (const viewport of VIEWPORTS) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
      expect(serious, `${view}, ${viewport.width} px, ${colorScheme}`).toEqual([]);
    }
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, `${view} fits ${viewport.width} px`).toBeLessThanOrEqual(viewport.width);
  }
  await page.setViewportSize(VIEWPORTS[0]!);
}

async function open(page: Page, hash: string, heading: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  await expect(page.getByRole('heading', { name: heading }).first()).toBeVisible();
}

const round = (roundNumber: number): RoundSummary => ({
  roundNumber,
  outcome: roundNumber % 9 === 0 ? 'abandoned' : 'committed',
  reason: roundNumber % 9 === 0 ? 'too-few-ready' : null,
  openedAt: roundNumber * 60_000,
  closedAt: roundNumber * 60_000 + 45_000,
  timeline: [
    { phase: 'selecting', at: roundNumber * 60_000 },
    { phase: 'training', at: roundNumber * 60_000 + 10_000 },
    { phase: 'reporting', at: roundNumber * 60_000 + 30_000 },
    { phase: 'aggregating', at: roundNumber * 60_000 + 40_000 },
    { phase: 'committed', at: roundNumber * 60_000 + 45_000 },
  ],
  isSuperseded: roundNumber > 20 && roundNumber < 30,
  invited: 130,
  trained: 120,
  accepted: 100,
  dropped: { left: 10, 'deadline-passed': 20 },
  modelHash: 'ab'.repeat(32) as RoundSummary['modelHash'],
  bytesUp: 123_456_789_012,
  bytesDown: 987_654_321_098,
  validationAccuracy: 1 - 1 / (roundNumber + 1),
  validationLoss: 2 / (roundNumber + 1),
  participantAccuracy: 1 - 1.2 / (roundNumber + 1),
  ...(roundNumber % 9 !== 0 && { secureSum: secureSum(4) }),
});

/** Begun so many stages; the last one of fewer than four is still going on. */
function secureSum(stages: number): SecureSumRecord {
  return {
    label: 'curious server',
    graph: 'harary',
    degree: 46,
    shareThreshold: 25,
    cohort: 100,
    minimumSurvivors: 80,
    stages: SECURE_SUM_STAGES.slice(0, stages).map((stage, i) => ({
      stage,
      members: 98 - 4 * i,
      seconds: i === stages - 1 && stages < 4 ? null : 1.5 + i,
    })),
  };
}

/** What the coordinator knows of the run, made as full as a large run is. */
function crowded(run: RunDetail, present: number): RunDetail {
  return {
    ...run,
    summary: {
      ...run.summary,
      status: 'running',
      isNew: false,
      present,
      accuracy: 0.91,
      committedRounds: 35,
    },
    live: {
      roundNumber: 41,
      phase: 'confirming',
      timeline: [
        { phase: 'selecting', at: run.now - 9000 },
        { phase: 'training', at: run.now - 6000 },
        { phase: 'sharing', at: run.now - 4000 },
        { phase: 'reporting', at: run.now - 3000 },
        { phase: 'confirming', at: run.now - 1000 },
      ],
      candidates: 0,
      invited: 130,
      trained: 60,
      accepted: 0,
      dropped: { left: 3, 'away-too-long': 2 },
      reportGoal: 100,
      minimumSurvivors: 10,
      closesAt: run.now + 20_000,
      secureSum: secureSum(3),
    },
    participants: Array.from({ length: present }, (_, i) => ({
      label: (0x10000000 + i * 7919).toString(16),
      backend: ['webgpu', 'webgl', 'wasm', 'undecided'][i % 4]!,
      exampleCount: (i * 37) % 500,
      stage: (['training', 'ready', 'waiting', 'dropped'] as const)[i % 4]!,
      progress: (i % 10) / 10,
      examplesPerSecond: (i * 13) % 700,
      acceptedUpdates: i % 20,
    })),
    rounds: Array.from({ length: 40 }, (_, i) => round(i + 1)),
    revision: 40,
    totals: {
      committed: 36,
      abandoned: 4,
      invited: 5200,
      trained: 4800,
      accepted: 4000,
      dropped: { left: 400, 'deadline-passed': 800 },
      bytesUp: 4_938_271_560_480,
      bytesDown: 39_506_172_843_920,
    },
    soloAccuracy: 0.8,
  };
}

test('every view is sound on a desk and a phone, light and dark', async ({ coordinator, page }) => {
  const run = await coordinator.createRun(manifest);
  await page.goto(`${coordinator.url}/admin`);
  await expect(page.getByRole('heading', { name: 'Operator log-in' })).toBeVisible();
  await expectSoundEverywhere(page, 'log-in');
  await logIn(page, coordinator, coordinator.operatorToken);
  await expect(page.getByRole('heading', { name: 'Runs', exact: true })).toBeVisible();
  await expectSoundEverywhere(page, 'runs');

  await open(page, `run=${run.runId}`, 'Learning curves');
  await expectSoundEverywhere(page, 'overview, empty');
  await open(page, `run=${run.runId}&show=invites`, 'Invite participants');
  await page.getByRole('button', { name: 'Make a join link' }).click();
  await page.getByRole('button', { name: /^QR code/ }).click();
  await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
  await expectSoundEverywhere(page, 'invites');
  await open(page, `run=${run.runId}&show=log`, 'Who steered this run');
  await expectSoundEverywhere(page, 'log');
  await open(page, 'people', 'People');
  await expectSoundEverywhere(page, 'people');
  await open(page, 'new', 'Create a run');
  const template = page.getByLabel('Template');
  await template.selectOption(await template.locator('option', { hasText: /income/i }).getAttribute('value'));
  await page.getByText('Columns', { exact: true }).waitFor();
  await page.locator('.columns-input summary').first().click();
  await page.locator('[id="field-rounds.reportGoal"]').fill('many');
  await expect(page.getByText('field does not fit')).toBeVisible();
  await expectSoundEverywhere(page, 'new run');
});

test('a run with many participants, rounds and bytes is sound as well, and its table can be sorted', async ({
  coordinator,
  page,
}) => {
  const run = await coordinator.createRun(manifest);
  let present = 30;
  await page.route(`**${ADMIN_PATH}/runs/${run.runId}*`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: crowded((await response.json()) as RunDetail, present) });
  });
  await logIn(page, coordinator, coordinator.operatorToken, `#run=${run.runId}`);
  const sum = page.getByTestId('secure-sum');
  await expect(sum).toContainText('confirmed the survivors');
  await expect(sum).toContainText('90 of 100');
  await expect(sum).toContainText('under way');
  await page.getByText('Show the values as a table').click();
  await page.getByLabel('Smoothing').fill('0.6');
  await page.getByLabel('Logarithmic loss axis').check();
  await expectSoundEverywhere(page, 'overview, crowded');
  present = 300;
  await expect(page.getByText('Show more of the 100 others')).toBeVisible();
  const people = page.locator('.plain-table').last();
  await expect(people).not.toContainText('Examples');
  await people.getByRole('button', { name: 'Accepted' }).click();
  await expect(people.locator('tbody tr').first()).toContainText('19');
  await open(page, `run=${run.runId}&show=rounds`, 'Finished rounds');
  await expect(page.getByText('94 / 100 (≥ 80)').first()).toBeVisible();
  await expectSoundEverywhere(page, 'rounds, crowded');
  await open(page, `run=${run.runId}&show=model`, 'Model card');
  await expect(page.getByTestId('model-card')).toContainText('class 10b');
  await expectSoundEverywhere(page, 'model');
});

test('whoever plans a run with secure aggregation sees what it computes to, and what would be possible, by keyboard', async ({
  coordinator,
  page,
}) => {
  await logIn(page, coordinator, coordinator.operatorToken, '#new');
  await page.getByRole('heading', { name: 'Create a run' }).waitFor();
  await page.getByRole('button', { name: 'JSON' }).click();
  const { compression: _, secureAggregation: __, ...clear } = manifest;
  await page.getByRole('textbox', { name: 'Task manifest' }).fill(JSON.stringify(clear));
  await page.getByRole('button', { name: 'Form', exact: true }).click();
  const mode = page.locator('[id="field-secureAggregation.mode"]');
  await mode.focus();
  await mode.press('o');
  await expect(mode).toHaveValue('sa-1');
  // Masks need a ring: the form chose it, too.
  await expect(page.locator('[id="field-compression.codec"]')).toHaveValue('quantised');
  const facts = page.locator('.facts').filter({ hasText: 'Ring of the sums' });
  await expect(facts).toContainText('24 bits');
  await expect(facts).toContainText(/Shares go to\s*(\d+ neighbours|everybody)/);
  await expect(page.getByText('The manifest is valid.')).toBeVisible();
  await page.locator('[id="field-secureAggregation.dropoutFraction"]').fill('0.6');
  await expect(facts).toContainText('no arrangement protects a cohort of the report goal');
  await expect(page.getByText('field does not fit')).toBeVisible();
  await expectSoundEverywhere(page, 'new run, impossible sum');
});

test('a viewer looks at everything and is offered nothing that only others may do', async ({
  coordinator,
  page,
}) => {
  const run = await coordinator.createRun({ ...manifest, name: 'To look at' });
  const viewer = await newOperator(coordinator, 'viewer');
  await logIn(page, coordinator, viewer.token, `#run=${run.runId}`);
  await expect(page.getByRole('heading', { name: 'To look at' })).toBeVisible();
  await expect(page.getByText('needs the role operator or owner')).toBeVisible();
  for (const name of ['Launch', 'Stop', 'Clone', 'People']) {
    await expect(page.getByText(name, { exact: true })).toHaveCount(0);
  }
  await page.getByRole('link', { name: 'Invites' }).click();
  await expect(page.getByRole('button', { name: 'Make a join link' })).toHaveCount(0);
  await page.getByRole('link', { name: 'Model', exact: true }).click();
  await expect(page.getByTestId('model-card')).toBeVisible();
  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByRole('heading', { name: 'Operator log-in' })).toBeVisible();
});

test('an owner names somebody, whose log-in link opens the dashboard once it is handed on', async ({
  coordinator,
  page,
  browser,
}) => {
  await logIn(page, coordinator, coordinator.operatorToken, '#people');
  await page.getByLabel('Name').fill('Grace');
  await page.getByRole('button', { name: 'Add and make a token' }).click();
  const link = await page.getByTestId('new-login-link').inputValue();
  const theirs = await (await browser.newContext()).newPage();
  await theirs.goto(link);
  await expect(theirs.getByText('Grace (operator)')).toBeVisible();
  expect(theirs.url()).not.toContain('token');
  await page.getByRole('button', { name: 'I have handed it on' }).click();
  await expect(page.getByTestId('new-token')).toHaveCount(0);
  await page.getByRole('row', { name: /Grace/ }).getByTestId('remove-operator').click();
  await page.getByTestId('remove-operator-yes').click();
  await expect(page.getByRole('row', { name: /Grace/ })).toHaveCount(0);
  // Their session ends with their access, and the page says so.
  await theirs.reload();
  await expect(theirs.getByRole('heading', { name: 'Operator log-in' })).toBeVisible();
  await theirs.context().close();
});

test('a session that ends leads to the log-in form, and logging in leads back to where one was', async ({
  coordinator,
  page,
}) => {
  const run = await coordinator.createRun({ ...manifest, name: 'To come back to' });
  await logIn(page, coordinator, coordinator.operatorToken, `#run=${run.runId}&show=rounds`);
  await expect(page.getByRole('heading', { name: 'Finished rounds' })).toBeVisible();
  await page.context().clearCookies();
  await expect(page.getByText('Your session is over')).toBeVisible();
  await expect(page.getByLabel('Operator token')).toBeFocused();
  await page.getByLabel('Operator token').fill(coordinator.operatorToken);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Finished rounds' })).toBeVisible();
});

test('while the coordinator is away the last that was known stays, and the page finds back by itself', async ({
  coordinator,
  page,
}) => {
  const run = await coordinator.createRun({ ...manifest, name: 'To stay on the page' });
  await logIn(page, coordinator, coordinator.operatorToken, `#run=${run.runId}`);
  await expect(page.getByRole('button', { name: 'Launch' })).toBeVisible();
  await page.route(`**${ADMIN_PATH}/**`, (route) => route.abort());
  await expect(page.getByText('The coordinator does not answer')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'To stay on the page' })).toBeVisible();
  await page.getByRole('button', { name: 'Launch' }).click();
  await expect(page.getByText('The coordinator cannot be reached')).toBeVisible();
  await page.unroute(`**${ADMIN_PATH}/**`);
  await coordinator.crashAndRestart();
  await expect(page.getByText('The coordinator does not answer')).toHaveCount(0);
  await page.getByRole('button', { name: 'Launch' }).click();
  await expect(page.getByTestId('run-status')).toHaveAttribute('data-status', 'running');
});

test('a button shows that it was pressed at once, however long the coordinator takes', async ({
  coordinator,
  page,
}) => {
  const run = await coordinator.createRun({ ...manifest, name: 'Slow' });
  await logIn(page, coordinator, coordinator.operatorToken, `#run=${run.runId}`);
  await page.route(`**${ADMIN_PATH}/runs/*/launch`, async (route) => {
    await expect(page.getByTestId('run-launch')).toHaveAttribute('data-loading', 'true');
    await route.continue();
  });
  await page.getByTestId('run-launch').waitFor();
  const feedbackMs = await page.evaluate(async () => {
    const button = document.querySelector<HTMLElement>('[data-testid="run-launch"]')!;
    const pressedAt = performance.now();
    button.click();
    while (button.dataset.loading !== 'true') await new Promise((resolve) => setTimeout(resolve, 1));
    return performance.now() - pressedAt;
  });
  expect(feedbackMs).toBeLessThan(200);
  await expect(page.getByTestId('run-status')).toHaveAttribute('data-status', 'running');
});

async function newOperator(coordinator: CoordinatorProcess, role: OperatorRole) {
  const response = await fetch(`${coordinator.url}${ADMIN_PATH}/operators`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${coordinator.operatorToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ name: 'Ada', role }),
  });
  return operatorTokenSchema.parse(await response.json());
}
