/** An operator with a keyboard: log in, create, launch, invite, watch somebody train, download the model. */
import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { decodeFrame, plainSha256 } from '@tributary/fl-core';
import { expect, test } from './fixtures/index.ts';

async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter((violation) => violation.impact === 'serious' || violation.impact === 'critical')
    .map(
      (violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`,
    );
}

/** Tabs until the control has the focus: what a mouse would do, without one. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  await expect(control).toBeVisible();
  for (let step = 0; step < 120; step += 1) {
    if (await control.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${control} cannot be reached with the Tab key`);
}

async function pressByKeyboard(page: Page, role: 'button' | 'link', name: string | RegExp): Promise<void> {
  await tabTo(page, page.getByRole(role, { name, exact: true }).first());
  await page.keyboard.press('Enter');
}

test('an operator creates, launches and watches a run by keyboard, and takes the model home', async ({
  coordinator,
  page,
  browser,
}) => {
  await page.goto(`${coordinator.url}/admin`);
  await page.getByLabel('Operator token').fill('not the token');
  await page.keyboard.press('Enter');
  await expect(page.getByText('This token is not accepted.')).toBeVisible();
  await page.getByLabel('Operator token').fill(coordinator.operatorToken);
  await page.keyboard.press('Enter');
  await expect(page.getByText('No runs yet')).toBeVisible();
  expect(await seriousFaults(page)).toEqual([]);

  await pressByKeyboard(page, 'link', 'New run');
  await expect(page.getByRole('heading', { name: 'Create a run' })).toBeFocused();
  await expect(page.getByText('The manifest is valid.')).toBeVisible();
  const setField = async (path: string, value: string) => {
    const field = page.locator(`[id="field-${path}"]`);
    await tabTo(page, field);
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(value);
  };
  await setField('name', 'By keyboard');
  await setField('rounds.committedRounds', '3');
  await setField('rounds.reportGoal', '-1');
  await expect(page.getByText('field does not fit')).toBeVisible();
  await expect(page.locator('[id="field-rounds.reportGoal"]')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByRole('button', { name: 'Create run' })).toBeDisabled();
  expect(await seriousFaults(page)).toEqual([]);
  // One guest makes no group.
  const mode = page.locator('[id="field-secureAggregation.mode"]');
  await tabTo(page, mode);
  await page.keyboard.type('off');
  await expect(mode).toHaveValue('off');
  await setField('rounds.reportGoal', '1');
  await setField('rounds.minimumSurvivors', '2');
  // A fault of two fields together is shown at one of them.
  await expect(page.locator('[id="field-rounds.minimumSurvivors"]')).toHaveAttribute('aria-invalid', 'true');
  await setField('rounds.minimumSurvivors', '1');
  await setField('rounds.overSelection', '1');
  await expect(page.getByText('The manifest is valid.')).toBeVisible();

  await pressByKeyboard(page, 'button', 'JSON');
  const manifest = page.getByRole('textbox', { name: 'Task manifest (JSON)' });
  const written = JSON.parse(await manifest.inputValue());
  expect(written).toMatchObject({ name: 'By keyboard', rounds: { committedRounds: 3, reportGoal: 1 } });
  await manifest.fill('{ "name": ');
  await expect(page.getByText('This is not JSON')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Form' })).toBeDisabled();
  await manifest.fill(JSON.stringify({ ...written, description: 'Written as JSON' }));
  await pressByKeyboard(page, 'button', 'Form');
  await expect(page.getByLabel('Description')).toHaveValue('Written as JSON');
  await pressByKeyboard(page, 'button', 'Create run');
  await expect(page.getByRole('heading', { name: 'By keyboard' })).toBeFocused();

  await pressByKeyboard(page, 'button', 'Launch');
  await expect(page.getByTestId('run-status')).toHaveAttribute('data-status', 'running');
  await pressByKeyboard(page, 'button', 'Pause after this round');
  await expect(page.getByTestId('run-status')).toHaveAttribute('data-status', 'paused');
  await pressByKeyboard(page, 'button', 'Resume');
  await expect(page.getByTestId('run-status')).toHaveAttribute('data-status', 'running');
  await pressByKeyboard(page, 'link', 'Invites');
  await pressByKeyboard(page, 'button', 'Make a join link');
  const joinUrl = await page.getByTestId('join-link').inputValue();
  await pressByKeyboard(page, 'button', /^QR code/);
  await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
  expect(await seriousFaults(page)).toEqual([]);
  await pressByKeyboard(page, 'link', 'Overview');

  const guest = await (await browser.newContext({ viewport: { width: 360, height: 740 } })).newPage();
  await guest.goto(joinUrl);
  await guest.getByTestId('add-sample').click();
  await expect(guest.getByTestId('example-count')).not.toHaveAttribute('data-count', '0');
  await guest.getByTestId('consent').check();
  expect(await seriousFaults(guest)).toEqual([]);
  const widerThanPhone = await guest.evaluate(() => document.documentElement.scrollWidth > 360);
  expect(widerThanPhone, 'the page fits a phone').toBe(false);
  await guest.getByTestId('start').click();

  await expect(guest.getByTestId('participant-status')).toHaveAttribute('data-phase', 'ended', {
    timeout: 60_000,
  });
  await expect(guest.getByTestId('contributions')).toHaveText('3');
  await expect(guest.getByTestId('run-status')).toHaveText('completed');
  await expect(guest.getByTestId('start')).toBeDisabled();
  await expect(guest.getByTestId('own-accuracy-after')).toBeVisible();
  await expect(page.getByText('completed', { exact: true }).first()).toBeVisible();
  expect(await seriousFaults(page)).toEqual([]);

  const [csv] = await Promise.all([
    page.waitForEvent('download'),
    pressByKeyboard(page, 'button', 'Save as CSV'),
  ]);
  expect((await readFile(await csv.path(), 'utf8')).trim().split('\r\n')).toHaveLength(4);
  const [picture] = await Promise.all([
    page.waitForEvent('download'),
    pressByKeyboard(page, 'button', 'Save as PNG'),
  ]);
  const png = await readFile(await picture.path());
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.readUInt32BE(16)).toBeGreaterThan(300);

  await pressByKeyboard(page, 'link', 'Model');
  const download = page.waitForEvent('download');
  await pressByKeyboard(page, 'link', 'Download: Frame');
  const frame = new Uint8Array(await readFile(await (await download).path()));
  expect(decodeFrame(frame, { sha256: plainSha256 }).shapes.length).toBeGreaterThan(0);
  await guest.context().close();

  // Who points at a round in a curve is led to the question as well.
  await pressByKeyboard(page, 'link', 'Overview');
  await page
    .locator('.curve .u-over')
    .first()
    .click({ position: { x: 2, y: 40 } });
  await expect(page.getByRole('alertdialog')).toContainText('the model of round 1');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('alertdialog')).toHaveCount(0);
  await pressByKeyboard(page, 'link', 'Rounds');
  await pressByKeyboard(page, 'button', 'Go back to round 1');
  await expect(page.getByRole('alertdialog')).toContainText('2 later rounds are left behind');
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Go back to round 1' })).toBeFocused();
  await page.keyboard.press('Enter');
  expect(await seriousFaults(page)).toEqual([]);
  await pressByKeyboard(page, 'button', 'Roll back');
  await expect(page.getByTestId('run-status')).toHaveAttribute('data-status', 'paused');
  await expect(page.getByText('1 of 3 rounds done')).toBeVisible();
  await expect(page.getByRole('cell', { name: 'committed (left behind)' })).toHaveCount(2);
  await pressByKeyboard(page, 'link', 'Log');
  await expect(page.getByRole('cell', { name: 'rolled it back' })).toBeVisible();
  expect(await seriousFaults(page)).toEqual([]);
});

test('without a ticket, or with a spoiled one, the join page says what to do', async ({
  coordinator,
  page,
}) => {
  await page.goto(`${coordinator.url}/join`);
  await expect(page.getByText(/invitation/i).first()).toBeVisible();
  await page.goto('about:blank');
  await page.goto(`${coordinator.url}/join#ticket=spoiled`);
  await expect(page.getByRole('heading', { name: 'This invitation is not valid here' })).toBeVisible();
  expect(await seriousFaults(page)).toEqual([]);
});
