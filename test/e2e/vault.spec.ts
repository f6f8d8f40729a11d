/** The data of a person, by hand: imports with faults, labels by keyboard, encryption, deletion, a full disk, a reload. */
import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import type { RunId, TaskManifestInput } from '@tributary/fl-core';
import { zipSync } from 'fflate';
import { idxHeader, loadDigits, writeShard } from './fixtures/digit-files.ts';
import { expect, test } from './fixtures/index.ts';

const DIGITS: TaskManifestInput = {
  manifestVersion: 1,
  name: 'Vault',
  seed: 'vault',
  model: { kind: 'softmax-regression', inputSize: 784, classes: 10 },
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
  rounds: { committedRounds: 1, reportGoal: 1, minimumSurvivors: 1 },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
};
const TABLE: TaskManifestInput = {
  ...DIGITS,
  name: 'Table',
  model: { kind: 'softmax-regression', inputSize: 2, classes: 2 },
  data: {
    kind: 'tabular',
    columns: [
      { kind: 'number', name: 'age', mean: 40, deviation: 10 },
      { kind: 'number', name: 'weight', mean: 70, deviation: 10 },
    ],
    labelColumn: 'outcome',
    labels: ['well', 'ill'],
  },
};

const state = (page: Page, of: string) => page.locator(`[data-testid="import-state"][data-state="${of}"]`);
const count = (page: Page) => page.getByTestId('example-count');

async function choose(page: Page, files: Record<string, Uint8Array | string>): Promise<void> {
  await page.getByTestId('import-files').setInputFiles(
    Object.entries(files).map(([name, content]) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(content),
    })),
  );
}

async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`).join(' | ')}`,
    );
}

/** All bytes in the chunks of the vault, as text, and how many keys there are. */
function stored(page: Page): Promise<{ text: string; keys: number; chunks: number }> {
  return page.evaluate(async () => {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('tributary-vault');
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const all = <T>(store: string) =>
      new Promise<T[]>((resolve) => {
        const asking = db.transaction(store).objectStore(store).getAll();
        asking.onsuccess = () => resolve(asking.result as T[]);
      });
    const texts: string[] = [];
    const collect = (value: unknown): void => {
      if (ArrayBuffer.isView(value)) {
        texts.push(new TextDecoder('latin1').decode(value as Uint8Array));
      } else if (typeof value === 'object' && value !== null) {
        for (const part of Object.values(value)) collect(part);
      }
    };
    const chunks = await all('chunks');
    collect(chunks);
    const keys = await all<CryptoKey>('keys');
    db.close();
    if (keys.some(({ extractable }) => extractable)) throw new Error('a key can be exported');
    return { text: texts.join('|'), keys: keys.length, chunks: chunks.length };
  });
}

test.describe('a table with faults', () => {
  test('is shown before it is stored, and every row left out is named with line, field and reason', async ({
    coordinator,
    joinRun,
  }) => {
    const { runId } = await coordinator.createRun(TABLE);
    const { page } = await joinRun(runId, { name: 'person' });
    const rows = [
      'age,weight,outcome',
      '30,60,well',
      '31,61',
      '32,NaN,ill',
      '33,63,poorly',
      '',
      '"3',
      '4",64,ill',
      '35,,ill',
      '36,66,ill',
    ];
    await choose(page, { 'patients.csv': rows.join('\r\n') });
    await expect(state(page, 'preview')).toHaveAttribute('data-accepted', '2');
    await expect(state(page, 'preview')).toHaveAttribute('data-rejected', '5');
    const rejections = page.getByTestId('rejections');
    for (const said of [
      'patients.csv, line 3: 2 values, but the header has 3',
      'patients.csv, line 4, field “weight”: “NaN” in “weight” is not a number',
      'patients.csv, line 5, field “label”: the label “poorly” is not one of this run',
      'patients.csv, line 9, field “weight”: no value in “weight”',
    ]) {
      await expect(rejections).toContainText(said);
    }
    await expect(rejections).toContainText('patients.csv, line 7, field “age”');
    await expect(count(page)).toHaveAttribute('data-count', '0');
    expect(await seriousFaults(page)).toEqual([]);

    const saving = page.waitForEvent('download');
    await page.getByTestId('save-report').click();
    const report = (await readFile(await (await saving).path(), 'utf8')).split('\r\n');
    expect(report[0]).toBe('file,line,field,reason,found,expected');
    expect(report[2]).toBe('patients.csv,4,weight,value-not-a-number,NaN,');

    await page.getByTestId('import-accept').click();
    await expect(count(page)).toHaveAttribute('data-count', '2');
    await page.reload();
    await expect(count(page)).toHaveAttribute('data-count', '2');
    await page.getByTestId('open-rows').click();
    await expect(page.getByRole('grid')).toContainText('36');
    expect(await seriousFaults(page)).toEqual([]);
  });

  test('can be refused by the person, and leaves nothing', async ({ coordinator, joinRun }) => {
    const { runId } = await coordinator.createRun(TABLE);
    const { page } = await joinRun(runId, { name: 'person' });
    await choose(page, { 'patients.csv': 'age,weight,outcome\n30,60,well\n' });
    await page.getByTestId('import-discard').click();
    await expect(count(page)).toHaveAttribute('data-count', '0');
    await choose(page, { 'other.csv': 'a,b\n1,2\n' });
    await expect(state(page, 'preview')).toContainText('the column “outcome” is missing');
    await expect(page.getByTestId('import-accept')).toHaveCount(0);
  });
});

test('reading a large file says how far it is, and can be cancelled', async ({ coordinator, joinRun }) => {
  const { runId } = await coordinator.createRun(TABLE);
  const { page } = await joinRun(runId, { name: 'person' });
  const rows = Buffer.from('30.123456,60.123456,well\n'.repeat(1_800_000));
  await choose(page, { 'large.csv': Buffer.concat([Buffer.from('age,weight,outcome\n'), rows]) });
  await expect(state(page, 'reading')).toContainText('so far');
  await page.getByTestId('import-cancel').click();
  await expect(page.getByTestId('import-state')).toHaveCount(0);
  await choose(page, { 'small.csv': 'age,weight,outcome\n30,60,well\n' });
  await expect(state(page, 'preview')).toHaveAttribute('data-accepted', '1');
});

async function openDigits(
  coordinator: { createRun(manifest: TaskManifestInput): Promise<{ runId: RunId }> },
  joinRun: (runId: RunId, options: { name: string }) => Promise<{ page: Page }>,
): Promise<Page> {
  const { runId } = await coordinator.createRun(DIGITS);
  return (await joinRun(runId, { name: 'person' })).page;
}

test('a zip bomb, a truncated IDX file and a damaged picture are refused by name, and nothing stored is lost', async ({
  coordinator,
  joinRun,
}) => {
  const page = await openDigits(coordinator, joinRun);
  await page.getByTestId('add-sample').click();
  await expect(count(page)).toHaveAttribute('data-count', '300');

  const zeros = new Uint8Array(32 * 1024 * 1024);
  await choose(page, { 'bomb.zip': zipSync(Object.fromEntries([1, 2, 3].map((i) => [`${i}.idx`, zeros]))) });
  await expect(state(page, 'preview')).toContainText(
    'bomb.zip: an archive that unpacks to more than 200 times',
  );
  await expect(state(page, 'preview')).toHaveAttribute('data-accepted', '0');
  await page.getByTestId('import-discard').click();

  const digits = loadDigits();
  const images = Buffer.concat([idxHeader(0x0803, [50, 28, 28]), digits.images.subarray(0, 50 * 784)]);
  const labels = Buffer.concat([idxHeader(0x0801, [50]), digits.labels.subarray(0, 50)]);
  await choose(page, {
    'images-idx3-ubyte': images.subarray(0, 20_000),
    'labels-idx1-ubyte': labels,
    '7.png': 'this is not a picture',
  });
  await expect(state(page, 'preview')).toContainText(
    'images-idx3-ubyte: incomplete: 39,216 bytes expected, 20,000 found',
  );
  await expect(state(page, 'preview')).toContainText('7.png: cannot be read, damaged');
  await page.getByTestId('import-discard').click();
  await expect(count(page)).toHaveAttribute('data-count', '300');

  await choose(page, { 'all.zip': zipSync({ 'images-idx3-ubyte': images, 'labels-idx1-ubyte': labels }) });
  await page.getByTestId('import-accept').click();
  await expect(count(page)).toHaveAttribute('data-count', '350');
});

test('labels are set by keyboard, rows deleted, and both taken back', async ({ coordinator, joinRun }) => {
  const page = await openDigits(coordinator, joinRun);
  await page
    .getByTestId('import-files')
    .setInputFiles(await writeShard(loadDigits(), { start: 0, count: 150 }));
  await page.getByTestId('import-accept').click();
  await expect(count(page)).toHaveAttribute('data-count', '150');
  await page.getByTestId('open-rows').click();
  const row = (number: number) => page.locator(`[data-number="${number}"]`);
  const said = page.getByTestId('edit-said');
  await expect(row(59)).toBeVisible();
  expect(await seriousFaults(page)).toEqual([]);

  await row(0).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(row(2)).toBeFocused();
  const before = await row(2).getAttribute('data-label');
  const other = before === '9' ? '8' : '9';
  await page.keyboard.press(other);
  await expect(row(2)).toHaveAttribute('data-label', other);
  await expect(said).toHaveText(`1 row now labelled ${other}.`);
  await expect(row(2)).toBeFocused();
  await page.keyboard.press('Control+z');
  await expect(row(2)).toHaveAttribute('data-label', before!);
  await expect(page.getByTestId('undone')).toHaveText('Taken back: 1 row labelled.');

  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Delete');
  await expect(count(page)).toHaveAttribute('data-count', '147');
  await expect(row(3)).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(count(page)).toHaveAttribute('data-count', '150');
  await expect(row(3)).toBeVisible();

  // Off the end of the page the next one comes, and the keys go with it.
  await page.keyboard.press('End');
  await expect(row(149)).toBeFocused();
  await page.keyboard.press('PageUp');
  await expect(page.getByTestId('page-position')).toHaveText('61–120 of 150');
  await page.keyboard.press('Home');
  await expect(row(0)).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await expect(row(0)).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('5');
  await expect(row(1)).toHaveAttribute('data-label', '5');
  await page.reload();
  await page.getByTestId('open-rows').click();
  await expect(row(1)).toHaveAttribute('data-label', '5');
});

test('an encrypted data set has no readable byte on the device, and its deletion leaves neither key nor rows', async ({
  coordinator,
  joinRun,
}) => {
  const page = await openDigits(coordinator, joinRun);
  const canary = 'NOBODY-READS-THIS-PICTURE';
  const shard = await writeShard(loadDigits(), { start: 0, count: 600, canary });
  const add = async () => {
    await page.getByTestId('import-files').setInputFiles(shard);
    await page.getByTestId('import-accept').click();
    await expect(state(page, 'done')).toBeVisible();
  };
  await page.getByTestId('encrypt-new').uncheck();
  await add();
  expect((await stored(page)).text).toContain(canary);
  await page.getByTestId('delete-set').click();
  await page.getByTestId('delete-set-yes').click();
  await expect(page.getByTestId('data-set')).toHaveCount(0);
  expect(await stored(page)).toEqual({ text: '', keys: 0, chunks: 0 });

  await page.getByTestId('encrypt-new').check();
  await add();
  await expect(page.getByTestId('data-set')).toHaveAttribute('data-encrypted', 'true');
  const sealed = await stored(page);
  expect(sealed).toMatchObject({ keys: 1, chunks: 2 });
  expect(sealed.text).not.toContain(canary.slice(0, 8));

  // It trains all the same after a reload; then everything goes.
  await page.reload();
  await expect(count(page)).toHaveAttribute('data-count', '600');
  await page.getByTestId('delete-examples').click();
  await page.getByTestId('delete-examples-yes').click();
  await expect(count(page)).toHaveAttribute('data-count', '0');
  expect(await stored(page)).toEqual({ text: '', keys: 0, chunks: 0 });
});

test('a full disk is said, and loses nothing that is stored', async ({ coordinator, joinRun }) => {
  const page = await openDigits(coordinator, joinRun);
  const devtools = await page.context().newCDPSession(page);
  // Before anything is stored: Chromium remembers for a while how much room there was.
  const { origin } = new URL(page.url());
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_500_000 });
  await page.reload();
  await page.getByTestId('add-sample').click();
  await expect(count(page)).toHaveAttribute('data-count', '300');
  const before = await stored(page);
  await page
    .getByTestId('import-files')
    .setInputFiles(await writeShard(loadDigits(), { start: 0, count: 6000 }));
  await page.getByTestId('import-accept').click();
  await expect(state(page, 'failed')).toContainText('This device has no room left');
  await expect(count(page)).toHaveAttribute('data-count', '300');
  expect(await stored(page)).toEqual(before);
  await page.reload();
  await expect(count(page)).toHaveAttribute('data-count', '300');
});

test('a data set that is left out of a run stays out of it, and the section fits a phone', async ({
  coordinator,
  joinRun,
}) => {
  const page = await openDigits(coordinator, joinRun);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByTestId('add-sample').click();
  await expect(count(page)).toHaveAttribute('data-count', '300');
  await page.getByTestId('in-use').uncheck();
  await expect(count(page)).toHaveAttribute('data-count', '0');
  await page.reload();
  await expect(page.getByTestId('in-use')).not.toBeChecked();
  await expect(count(page)).toHaveAttribute('data-count', '0');
  await page.getByTestId('in-use').check();
  await expect(count(page)).toHaveAttribute('data-count', '300');
  await page.getByTestId('open-rows').click();
  await expect(page.locator('[data-number="0"]')).toBeVisible();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  await expect(page.getByTestId('storage')).toHaveAttribute('data-persistence', /^(granted|not-granted)$/);
});
