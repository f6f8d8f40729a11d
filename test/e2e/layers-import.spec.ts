/** A saved TensorFlow.js model becomes a run on the dashboard, and a tab trains its convolutions on WASM. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ADMIN_PATH, type TaskManifestInput } from '@tributary/fl-core';
import { expectAccessible } from './fixtures/accessibility.ts';
import type { CoordinatorProcess } from './fixtures/coordinator-process.ts';
import { loadDigits, writeShard } from './fixtures/digit-files.ts';
import { expect, test } from './fixtures/index.ts';

const MANIFEST: TaskManifestInput = {
  manifestVersion: 1,
  name: 'Where the model is from',
  seed: 'theirs',
  model: {
    kind: 'separable-cnn',
    height: 28,
    width: 28,
    channels: 1,
    stemFilters: 4,
    blocks: [
      { filters: 6, stride: 2 },
      { filters: 8, stride: 2 },
    ],
    classes: 10,
  },
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 20 },
  rounds: { committedRounds: 1, reportGoal: 1, overSelection: 1, minimumSurvivors: 1 },
  aggregation: { serverOptimiser: { kind: 'sgd', learningRate: 1 } },
};

test('an operator begins a run with a saved layers model, and a tab trains it on WASM', async ({
  coordinator,
  page,
  joinRun,
}) => {
  const theirs = await coordinator.createRun(MANIFEST);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tributary-layers-'));
  const zip = path.join(folder, 'model.zip');
  await writeFile(zip, await exported(coordinator, theirs.runId));
  const broken = path.join(folder, 'model.json');
  await writeFile(broken, '{"modelTopology":{}}');

  await page.goto(`${coordinator.url}/admin#token=${coordinator.operatorToken}`);
  await expect(page.getByRole('link', { name: 'New run' })).toBeVisible();
  await page.goto(`${coordinator.url}/admin#new=&from=${theirs.runId}`);
  await page.locator('[id="field-name"]').fill('Begun with layers');
  const chooser = page.getByRole('button', { name: 'Take a TensorFlow.js model' });
  await expect(chooser).toBeVisible();
  const choose = async (file: string) => {
    await chooser.focus();
    const opened = page.waitForEvent('filechooser');
    await page.keyboard.press('Enter');
    await (await opened).setFiles(file);
  };

  await choose(broken);
  await expect(page.getByText('This is not a saved layers model.')).toBeVisible();
  await expect(page.getByText('model-file-invalid')).toBeVisible();
  await expect(page.locator('[id="field-name"]')).toHaveValue('Begun with layers');
  await expectAccessible(page, 'a refused model');

  await choose(zip);
  await expect(page.getByText('The model is taken')).toBeVisible();
  await expect(page.locator('[id="field-initialModel"]')).toHaveValue(theirs.modelHash);
  await expect(page.getByText('The manifest is valid.')).toBeVisible();
  await expectAccessible(page, 'a taken model');
  await page.getByRole('button', { name: 'Create run' }).click();
  await expect(page.getByRole('heading', { name: 'Begun with layers' })).toBeFocused();

  const runId = new URLSearchParams(new URL(page.url()).hash.slice(1)).get('run') as typeof theirs.runId;
  const { manifest, summary } = await coordinator.detail(runId);
  expect(summary.modelHash).toBe(theirs.modelHash);
  expect(manifest.model.kind).toBe('layers');

  const tab = await joinRun(runId, { name: 'the tab', backend: 'wasm' });
  await tab.takePart(await writeShard(loadDigits(), { start: 0, count: 40 }));
  await coordinator.steer(runId, 'launch');
  await expect.poll(() => tab.phase(), { timeout: 120_000 }).toBe('ended');
  expect((await tab.backend()).name).toBe('wasm');
  expect((await coordinator.detail(runId)).rounds[0]).toMatchObject({ outcome: 'committed', accepted: 1 });
});

async function exported({ url, operatorToken }: CoordinatorProcess, runId: string): Promise<Uint8Array> {
  const response = await fetch(`${url}${ADMIN_PATH}/runs/${runId}/export?format=tfjs`, {
    headers: { authorization: `Bearer ${operatorToken}` },
  });
  expect(response.ok).toBe(true);
  return new Uint8Array(await response.arrayBuffer());
}
