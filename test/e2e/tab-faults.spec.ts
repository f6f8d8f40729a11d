/**
 * A tab that is killed at each stage of a round, as when its process runs out of memory: it says no goodbye. Opened
 * again it goes on by itself; the others' rounds are committed all the while.
 */
import type { Page } from '@playwright/test';
import type { RunId, TaskManifestInput } from '@tributary/fl-core';
import type { CoordinatorProcess } from './fixtures/coordinator-process.ts';
import { loadDigits, writeShard } from './fixtures/digit-files.ts';
import { expect, test } from './fixtures/index.ts';
import type { ParticipantTab } from './fixtures/participant-tab.ts';

const STAGES = ['downloading', 'training', 'ready', 'uploading', 'reported'] as const;

/** A model of 640 kB: long enough on the way, at the speeds below, for a tab to be caught at it. */
const MANIFEST: TaskManifestInput = {
  manifestVersion: 1,
  name: 'Tab faults',
  seed: 'tab-faults',
  model: { kind: 'mlp', inputSize: 784, hidden: [200], classes: 10 },
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 4, batchSize: 10 },
  rounds: {
    committedRounds: 1000,
    reportGoal: 3,
    overSelection: 1,
    minimumSurvivors: 2,
    selectionSeconds: 3,
    trainingSeconds: 60,
    reportingSeconds: 40,
    rejoinSeconds: 20,
    comeBackSeconds: 2,
  },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
};

/** The victim is ahead of the others, so that it has to wait for them: as `ready`, and as `reported`. */
const VICTIM = { bytesPerSecond: 500_000, latencyMs: 0 };
const OTHERS = { bytesPerSecond: 200_000, latencyMs: 0 };

test('a tab killed while downloading, training, ready, uploading or reported goes on when it is opened again', async ({
  coordinator,
  joinRun,
}) => {
  test.setTimeout(600_000);
  const digits = loadDigits();
  const { runId } = await coordinator.createRun(MANIFEST);
  const tabs: ParticipantTab[] = [];
  for (const [index, name] of ['victim', 'second', 'third'].entries()) {
    const tab = await joinRun(runId, { name });
    await tab.takePart(await writeShard(digits, { start: index * 120, count: 120 }));
    await tab.throttle(index === 0 ? VICTIM : OTHERS);
    tabs.push(tab);
  }
  const [victim, ...others] = tabs as [ParticipantTab, ...ParticipantTab[]];
  const address = victim.page.url();
  await coordinator.steer(runId, 'launch');

  let page = victim.page;
  for (const stage of STAGES) {
    await test.step(`killed while ${stage}`, async () => {
      await untilPhase(page, stage);
      const before = await committedRounds(coordinator, runId);
      const contributions = await contributionsOf(page);
      await kill(page);
      page = await victim.context.newPage();
      await page.goto(address);
      await throttle(page, VICTIM);
      await expect
        .poll(() => contributionsOf(page), {
          timeout: 120_000,
          message: 'what is opened again contributes again',
        })
        .toBeGreaterThan(contributions);
      await expect
        .poll(() => committedRounds(coordinator, runId), { timeout: 60_000, message: 'rounds go on' })
        .toBeGreaterThan(before);
    });
  }

  await coordinator.steer(runId, 'stop');
  await expect.poll(() => phaseOf(page), { timeout: 30_000 }).toBe('ended');
  for (const tab of others) {
    await expect.poll(() => tab.phase(), { timeout: 30_000 }).toBe('ended');
    expect(await tab.contributions(), `${tab.name} is in the sums`).toBeGreaterThanOrEqual(STAGES.length);
  }
  const { rounds } = await coordinator.detail(runId);
  const abandoned = rounds.filter(({ outcome, reason }) => outcome === 'abandoned' && reason !== 'stopped');
  expect(abandoned, 'no killed tab cost the others a round').toEqual([]);
});

const status = (page: Page) => page.getByTestId('participant-status');
const phaseOf = (page: Page): Promise<string | null> => status(page).getAttribute('data-phase');

async function contributionsOf(page: Page): Promise<number> {
  return Number((await page.getByTestId('contributions').textContent()) ?? 0);
}

/** Looks from inside of the page, once a frame: stages can be short. */
async function untilPhase(page: Page, phase: string): Promise<void> {
  await page.waitForFunction(
    (wanted) =>
      document.querySelector('[data-testid="participant-status"]')?.getAttribute('data-phase') === wanted,
    phase,
    { timeout: 120_000 },
  );
}

async function committedRounds(coordinator: CoordinatorProcess, runId: RunId): Promise<number> {
  return (await coordinator.detail(runId)).summary.committedRounds;
}

/** The renderer process dies, as by `kill -9`. */
async function kill(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash');
  await page.goto('chrome://crash').catch(() => {});
  await crashed;
  await page.close();
}

async function throttle(page: Page, { bytesPerSecond, latencyMs }: typeof VICTIM): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: latencyMs,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
  });
}
