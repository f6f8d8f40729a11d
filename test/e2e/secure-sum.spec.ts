/**
 * Eight people whose coordinator learns sums only. At each stage of a sum two of them are killed, as when a process runs out
 * of memory: the round is committed with those who are left, or given up by rule, and never hangs.
 */
import type { Page } from '@playwright/test';
import type { RunDetail, RunId, TaskManifestInput } from '@tributary/fl-core';
import type { CoordinatorProcess } from './fixtures/coordinator-process.ts';
import { loadDigits, writeShard } from './fixtures/digit-files.ts';
import { expect, test } from './fixtures/index.ts';
import { type MessageTap, tapMessages } from './fixtures/message-tap.ts';
import type { ParticipantTab } from './fixtures/participant-tab.ts';

const PEOPLE = 8;
const SMALLEST_GROUP = 5;

const MANIFEST: TaskManifestInput = {
  manifestVersion: 1,
  name: 'Sums only',
  seed: 'secure-sum',
  model: { kind: 'softmax-regression', inputSize: 784, classes: 10 },
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
  rounds: {
    committedRounds: 1000,
    reportGoal: PEOPLE,
    overSelection: 1,
    minimumSurvivors: SMALLEST_GROUP,
    selectionSeconds: 4,
    trainingSeconds: 30,
    reportingSeconds: 12,
    rejoinSeconds: 3,
    comeBackSeconds: 2,
  },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
  compression: { codec: 'quantised' },
  // Cohorts of five to eight can be protected so.
  secureAggregation: { mode: 'sa-1', corruptFraction: 0, dropoutFraction: 0.16, stageSeconds: 12 },
};

/** Where a tab is caught: it has got so far, and neither hears nor says anything more. */
const STAGES = [
  { phase: 'offering', tap: { sent: ({ type }) => (type === 'keysOffered' ? 'then-hold' : 'pass') } },
  { phase: 'sharing', tap: { sent: ({ type }) => (type === 'sharesSealed' ? 'then-hold' : 'pass') } },
  { phase: 'masking', tap: { sent: ({ type }) => (type === 'masked' ? 'then-hold' : 'pass') } },
  { phase: 'uploading', tap: {} },
  {
    phase: 'confirming',
    tap: { sent: ({ type }) => (type === 'survivorsConfirmed' ? 'then-hold' : 'pass') },
  },
  { phase: 'revealing', tap: { sent: ({ type }) => (type === 'sharesRevealed' ? 'hold' : 'pass') } },
] as const satisfies readonly { phase: string; tap: MessageTap }[];

test('eight people, two of them killed at each stage of a secure sum: rounds go on with those who are left', async ({
  coordinator,
  joinRun,
}) => {
  test.setTimeout(600_000);
  const digits = loadDigits();
  const { runId } = await coordinator.createRun(MANIFEST);
  const tabs: ParticipantTab[] = [];
  for (let index = 0; index < PEOPLE; index += 1) {
    const tab = await joinRun(runId, { name: `tab ${index}`, backend: 'plain' });
    await tab.page.getByTestId('smallest-group').selectOption(String(SMALLEST_GROUP));
    await tab.takePart(await writeShard(digits, { start: index * 40, count: 40 }));
    tabs.push(tab);
  }
  await coordinator.steer(runId, 'launch');
  await expect.poll(() => committed(coordinator, runId), { timeout: 60_000 }).toBeGreaterThan(0);

  const victims = tabs.slice(0, 2);
  const addresses = victims.map(({ page }) => page.url());
  let pages = victims.map(({ page }) => page);
  const comeBack = async (prepare: (page: Page) => Promise<unknown> = async () => {}) => {
    pages = await Promise.all(
      victims.map(async ({ context }, i) => {
        const page = await context.newPage();
        await prepare(page);
        await page.goto(addresses[i]!);
        return page;
      }),
    );
  };
  for (const { phase, tap } of STAGES) {
    await test.step(`killed while ${phase}`, async () => {
      await Promise.all(pages.map((page) => page.close()));
      await comeBack(async (page) => {
        await tapMessages(page, tap);
        if (phase === 'uploading') await page.route('**/v1/updates', () => {});
      });
      await Promise.all(pages.map((page) => untilPhase(page, phase)));
      const killedIn = (await coordinator.detail(runId)).summary.roundNumber;
      await Promise.all(pages.map(kill));
      await expect
        .poll(async () => outcomeOf(await coordinator.detail(runId), killedIn), {
          timeout: 60_000,
          message: `round ${killedIn} ends`,
        })
        .toMatch(/^(committed|abandoned: too-few-(survivors|ready))$/);
    });
  }
  await comeBack();

  const before = await committed(coordinator, runId);
  await expect
    .poll(() => committed(coordinator, runId), { timeout: 60_000, message: 'and all is well afterwards' })
    .toBeGreaterThan(before + 1);
  const sums = (await coordinator.detail(runId)).rounds.filter(({ outcome }) => outcome === 'committed');
  for (const { roundNumber, secureSum } of sums) {
    const survivors = secureSum?.stages.find(({ stage }) => stage === 'masking')?.members;
    expect(survivors, `round ${roundNumber}`).toBeGreaterThanOrEqual(SMALLEST_GROUP);
  }
  expect(sums.some(({ accepted }) => accepted === PEOPLE)).toBe(true);
  const other = tabs.at(-1)!.page;
  await expect(other.getByTestId('secure-sum')).toHaveAttribute('data-survivors', /^[5-8]$/);
  await coordinator.steer(runId, 'stop');
  for (const tab of tabs.slice(2)) {
    await expect.poll(() => tab.phase(), { timeout: 30_000 }).toBe('ended');
    expect(await tab.contributions(), `${tab.name} is in the sums`).toBeGreaterThanOrEqual(STAGES.length - 1);
  }
});

async function committed(coordinator: CoordinatorProcess, runId: RunId): Promise<number> {
  return (await coordinator.detail(runId)).summary.committedRounds;
}

function outcomeOf({ rounds }: RunDetail, roundNumber: number): string {
  const round = rounds.find((one) => one.roundNumber === roundNumber);
  return round ? [round.outcome, ...(round.reason ? [round.reason] : [])].join(': ') : 'under way';
}

/** Looks from inside of the page, once a frame. */
async function untilPhase(page: Page, phase: string): Promise<void> {
  await page.waitForFunction(
    (wanted) =>
      document.querySelector('[data-testid="participant-status"]')?.getAttribute('data-phase') === wanted,
    phase,
    { timeout: 60_000 },
  );
}

/** The renderer process dies, as by `kill -9`. */
async function kill(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash');
  await page.goto('chrome://crash').catch(() => {});
  await crashed;
}
