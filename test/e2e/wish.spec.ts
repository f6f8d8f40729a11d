/** A plan by wish, in a real browser: what it fills in is what the run gets, and what cannot be is said with what can. */
import type { Page } from '@playwright/test';
import { ADMIN_PATH, type RunDetail } from '@tributary/fl-core';
import type { CoordinatorProcess } from './fixtures/coordinator-process.ts';
import { expect, test } from './fixtures/index.ts';

/** Trying plans takes as long as the machine needs. */
const TRYING = { timeout: 60_000 };

async function openForm(page: Page, coordinator: CoordinatorProcess): Promise<void> {
  await page.goto(`${coordinator.url}/admin`);
  await page.getByLabel('Operator token').fill(coordinator.operatorToken);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'New run' }).first().click();
  await expect(page.getByText('The manifest is valid.')).toBeVisible(TRYING);
}

test('a wish in bytes fills in the plan, by keyboard alone, and the run gets what it chose', async ({
  coordinator,
  page,
}) => {
  await openForm(page, coordinator);
  const wish = page.getByTestId('wish');
  await wish.getByLabel('Bytes per parameter').focus();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('0.9');
  await page.keyboard.press('Tab');
  await expect(wish.getByRole('button', { name: 'Find a plan' })).toBeFocused();
  await page.keyboard.press('Enter');
  const found = wish.getByRole('status');
  await expect(found).toContainText('Filled in: ', TRYING);
  await expect(wish.getByRole('button', { name: 'Find a plan' })).toBeFocused();
  const bytes = Number(/Filled in: ([\d.]+) bytes/.exec(await found.innerText())?.[1]);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(0.9);
  const codec = await page.locator('[id="field-compression.codec"]').inputValue();
  await page.getByRole('button', { name: 'JSON', exact: true }).click();
  const written = JSON.parse(await page.getByRole('textbox', { name: 'Task manifest (JSON)' }).inputValue());
  expect(written.compression).toMatchObject({ codec });
  await page.getByRole('button', { name: 'Create run' }).click();
  await expect(page).toHaveURL(/#run=/);

  const runId = new URLSearchParams(new URL(page.url()).hash.slice(1)).get('run');
  const response = await fetch(`${coordinator.url}${ADMIN_PATH}/runs/${runId}`, {
    headers: { authorization: `Bearer ${coordinator.operatorToken}` },
  });
  const { manifest } = (await response.json()) as RunDetail;
  expect(manifest.compression).toMatchObject(written.compression);
});

test('an impossible wish says what would do, fills in nothing, and what would do does', async ({
  coordinator,
  page,
}) => {
  await openForm(page, coordinator);
  const wish = page.getByTestId('wish');
  const field = wish.getByLabel('Bytes per parameter');
  const find = wish.getByRole('button', { name: 'Find a plan' });
  const codec = page.locator('[id="field-compression.codec"]');
  const before = await codec.inputValue();
  await field.fill('0.0001');
  await find.click();
  await expect(field).toHaveAttribute('aria-invalid', 'true', TRYING);
  const refusal = wish.getByText('That is not possible here.');
  const possible = /here\. ([\d.]+) bytes/.exec(await refusal.innerText())?.[1];
  expect(possible).toBeDefined();
  expect(await codec.inputValue()).toBe(before);

  await field.fill(possible!);
  await expect(refusal).toBeHidden();
  await find.click();
  await expect(wish.getByRole('status')).toContainText('Filled in: ', TRYING);
});
