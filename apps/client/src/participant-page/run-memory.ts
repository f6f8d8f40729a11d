/** The few things that the page itself remembers of a run, so that a reload comes back to where it was. */
import * as z from 'zod/mini';
import { consentReceiptSchema } from './consent-receipt.ts';

const accuracySchema = z.strictObject({ accuracy: z.number(), exampleCount: z.int() });
const memorySchema = z.strictObject({
  consent: z.nullable(consentReceiptSchema),
  /** What the person chose last: `on` goes on by itself after a reload, `paused` waits for Resume. */
  chosen: z.enum(['off', 'on', 'paused']),
  /** How the first shared model that came here did on the person's held-out examples. */
  first: z.nullable(accuracySchema),
  latest: z.nullable(accuracySchema),
});
type RunMemory = z.infer<typeof memorySchema>;
export type OwnAccuracy = z.infer<typeof accuracySchema>;

const NOTHING: RunMemory = { consent: null, chosen: 'off', first: null, latest: null };
const PREFIX = 'tributary/';
const keyOf = (runId: string) => `${PREFIX}run/${runId}`;

export function recallRun(runId: string): RunMemory {
  try {
    const parsed = memorySchema.safeParse(JSON.parse(localStorage.getItem(keyOf(runId)) ?? 'null'));
    return parsed.success ? parsed.data : NOTHING;
  } catch {
    // No storage here, or somebody else's text in it: both are a first visit.
    return NOTHING;
  }
}

/** Whether it is kept: without storage the next visit starts afresh. */
export function rememberRun(runId: string, change: Partial<RunMemory>): boolean {
  try {
    // To remember that nothing was chosen would leave a trace of a run that was erased.
    const isNothing = Object.entries(change).every(
      ([name, value]) => NOTHING[name as keyof RunMemory] === value,
    );
    if (isNothing && localStorage.getItem(keyOf(runId)) === null) return true;
    localStorage.setItem(keyOf(runId), JSON.stringify({ ...recallRun(runId), ...change }));
    return true;
  } catch {
    return false;
  }
}

/** Everything that pages of Tributary remember in this browser: runs, language, colours. */
export function forgetChoices(): void {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(PREFIX) || key === 'mantine-color-scheme-value') localStorage.removeItem(key);
    }
  } catch {
    // Without storage there is nothing to forget.
  }
}
