/** What happens to tabs: frozen by the browser, on a slow network, with a coordinator that crashes. */
import type { TaskManifestInput } from '@tributary/fl-core';
import { loadDigits, writeShard } from './fixtures/digit-files.ts';
import { expect, test } from './fixtures/index.ts';

const MANIFEST: TaskManifestInput = {
  manifestVersion: 1,
  name: 'Tab life',
  seed: 'tab-life',
  model: { kind: 'softmax-regression', inputSize: 784, classes: 10 },
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 2, batchSize: 10 },
  rounds: {
    committedRounds: 4,
    reportGoal: 3,
    overSelection: 1,
    minimumSurvivors: 2,
    selectionSeconds: 2,
    trainingSeconds: 20,
    reportingSeconds: 10,
    rejoinSeconds: 4,
    comeBackSeconds: 2,
  },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
};

test('a frozen tab, a slow network and a crash of the coordinator cost no round and no model', async ({
  coordinator,
  joinRun,
}) => {
  const digits = loadDigits();
  const { runId } = await coordinator.createRun(MANIFEST);
  const tabs = [];
  for (const [index, name] of ['frozen', 'slow', 'steady'].entries()) {
    const tab = await joinRun(runId, { name });
    await tab.takePart(await writeShard(digits, { start: index * 100, count: 100 }));
    tabs.push(tab);
  }
  const [frozen, slow, steady] = tabs as [(typeof tabs)[0], (typeof tabs)[0], (typeof tabs)[0]];
  await slow.throttle({ bytesPerSecond: 20_000, latencyMs: 200 });
  await coordinator.steer(runId, 'launch');

  const committed = async () => (await coordinator.detail(runId)).summary.committedRounds;
  await expect.poll(committed, { timeout: 60_000 }).toBeGreaterThanOrEqual(1);
  await frozen.freeze();

  const before = await coordinator.detail(runId);
  await coordinator.crashAndRestart();
  const after = await coordinator.detail(runId);
  expect(after.summary.committedRounds).toBeGreaterThanOrEqual(before.summary.committedRounds);
  if (after.summary.roundNumber === before.summary.roundNumber) {
    expect(after.summary.modelHash).toBe(before.summary.modelHash);
  }

  await frozen.thaw();
  await expect.poll(committed, { timeout: 120_000 }).toBe(4);
  for (const tab of tabs) await expect.poll(() => tab.phase(), { timeout: 20_000 }).toBe('ended');
  expect(await steady.contributions()).toBeGreaterThan(0);
  expect(await slow.contributions()).toBeGreaterThan(0);
});
