/**
 * What a person waits for, measured inside the page: from a click to the first frame that shows a change, and the
 * longest that a bar of progress stood still while work went on.
 */
import type { Page } from '@playwright/test';

interface Observed {
  /** Milliseconds from the click to the frame after the first change; null until one came. */
  answerMs: number | null;
}

declare global {
  interface Window {
    observed: Observed;
    /** The function that it returns ends the watch and tells the longest time without a change, in milliseconds. */
    watchStillness(selector: string): () => number;
  }
}

/** Runs before the page's own code, on every page that is opened from here on. */
export async function observeFeedback(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.observed = { answerMs: null };
    addEventListener(
      'click',
      (click) => {
        window.observed.answerMs = null;
        const changes = new MutationObserver(() => {
          changes.disconnect();
          // The frame that shows the change is done when the next task after it runs.
          requestAnimationFrame(() =>
            setTimeout(() => {
              window.observed.answerMs = performance.now() - click.timeStamp;
            }),
          );
        });
        const all = { subtree: true, childList: true, attributes: true, characterData: true };
        changes.observe(document.documentElement, all);
      },
      { capture: true },
    );
    window.watchStillness = (selector) => {
      const watched = document.querySelector(selector);
      if (!watched) throw new Error(`nothing to watch: ${selector}`);
      let changedAt = performance.now();
      let longest = 0;
      const look = () => {
        const now = performance.now();
        longest = Math.max(longest, now - changedAt);
        changedAt = now;
      };
      const changes = new MutationObserver(look);
      changes.observe(watched, { subtree: true, childList: true, attributes: true, characterData: true });
      return () => {
        look();
        changes.disconnect();
        return longest;
      };
    };
  });
}

/** Clicks (or whatever `act` does) and tells how long the page took to show that it heard. */
export async function answerOf(page: Page, act: () => Promise<unknown>): Promise<number> {
  await act();
  await page.waitForFunction(() => window.observed.answerMs !== null, undefined, { timeout: 10_000 });
  return page.evaluate(() => window.observed.answerMs ?? Number.NaN);
}
