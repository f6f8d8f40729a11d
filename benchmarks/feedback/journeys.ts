/** What a participant and an operator click, in their order. */
import type { Page } from '@playwright/test';
import type { Demo } from './demo.ts';
import { answerOf, observeFeedback } from './observe.ts';

export interface Wait {
  readonly page: 'participant' | 'dashboard';
  readonly action: string;
  readonly kind: 'answer' | 'stillness';
  readonly waitMs: number;
}

const WATCHED_MS = 15_000;

export async function participantJourney(page: Page, { joinUrl }: Demo): Promise<Wait[]> {
  await observeFeedback(page);
  await page.goto(joinUrl);
  const click = clicking(page, 'participant');
  await page.getByTestId('start').waitFor();
  const waits = [await click('agree', 'consent'), await click('add 300 examples', 'add-sample')];
  await page.locator('[data-testid="example-count"]:not([data-count="0"])').waitFor();
  waits.push(await click('start', 'start'));
  const stillness = await longestStillness(page, '[data-testid="participant-status"]');
  waits.push({ page: 'participant', action: 'taking part', kind: 'stillness', waitMs: stillness });
  waits.push(await click('finish this round', 'pause-after-round'));
  waits.push(await click('pause now', 'pause-now'));
  waits.push(await click('stop', 'stop'));
  return waits;
}

export async function operatorJourney(page: Page, { dashboardUrl }: Demo): Promise<Wait[]> {
  await observeFeedback(page);
  await page.goto(dashboardUrl);
  const click = clicking(page, 'dashboard');
  const run = page.getByRole('link', { name: 'Demo: handwritten digits' }).first();
  await run.waitFor();
  const opened = await answerOf(page, () => run.click());
  const waits: Wait[] = [{ page: 'dashboard', action: 'open run', kind: 'answer', waitMs: opened }];
  await page.getByTestId('run-pause').waitFor();
  waits.push(await click('pause', 'run-pause'));
  waits.push(await click('resume', 'run-resume'));
  const stillness = await longestStillness(page, 'main');
  waits.push({ page: 'dashboard', action: 'watching a run', kind: 'stillness', waitMs: stillness });
  return waits;
}

function clicking(page: Page, name: Wait['page']) {
  return async (action: string, testId: string): Promise<Wait> => {
    const control = page.getByTestId(testId);
    await control.waitFor();
    return { page: name, action, kind: 'answer', waitMs: await answerOf(page, () => control.click()) };
  };
}

async function longestStillness(page: Page, selector: string): Promise<number> {
  return page.evaluate(
    async ({ watched, forMs }) => {
      const stop = window.watchStillness(watched);
      await new Promise((resolve) => setTimeout(resolve, forMs));
      return stop();
    },
    { watched: selector, forMs: WATCHED_MS },
  );
}
