/** An operator with a keyboard: log in, create, launch, invite, watch somebody train, download the model. */
import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
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

/** Tabs until the named control has the focus, then presses it: what a mouse would do, without one. */
async function pressByKeyboard(page: Page, role: 'button' | 'link', name: string | RegExp): Promise<void> {
  const control = page.getByRole(role, { name }).first();
  await expect(control).toBeVisible();
  for (let step = 0; step < 60; step += 1) {
    if (await control.evaluate((element) => element === document.activeElement)) {
      await page.keyboard.press('Enter');
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`the ${role} ${name} cannot be reached with the Tab key`);
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
  await expect(page.getByText('The manifest is valid.')).toBeVisible();
  const manifest = page.getByLabel('Task manifest (JSON)');
  const template = JSON.parse(await manifest.inputValue());
  await manifest.fill(JSON.stringify({ ...template, rounds: { ...template.rounds, reportGoal: -1 } }));
  await expect(page.getByText('rounds.reportGoal')).toBeVisible();
  const rounds = { committedRounds: 3, reportGoal: 1, minimumSurvivors: 1, overSelection: 1 };
  await manifest.fill(JSON.stringify({ ...template, name: 'By keyboard', rounds }));
  await expect(page.getByText('The manifest is valid.')).toBeVisible();
  expect(await seriousFaults(page)).toEqual([]);
  await pressByKeyboard(page, 'button', 'Create run');
  await expect(page.getByRole('heading', { name: 'By keyboard' })).toBeVisible();

  await pressByKeyboard(page, 'button', 'Launch');
  await pressByKeyboard(page, 'button', 'Make a join link');
  const joinUrl = await page.getByLabel('Join link').inputValue();

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
  await expect(guest.getByTestId('own-accuracy-after')).toBeVisible();
  await expect(page.getByText('completed', { exact: true }).first()).toBeVisible();
  expect(await seriousFaults(page)).toEqual([]);

  const download = page.waitForEvent('download');
  await pressByKeyboard(page, 'link', /Download model/);
  const frame = new Uint8Array(await readFile(await (await download).path()));
  expect(decodeFrame(frame, { sha256: plainSha256 }).shapes.length).toBeGreaterThan(0);
  await guest.context().close();
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
