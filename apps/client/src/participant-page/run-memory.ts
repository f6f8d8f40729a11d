/** The few things that the page itself remembers of a run, so that a reload comes back to where it was. */
import * as z from 'zod/mini';

const accuracySchema = z.strictObject({ accuracy: z.number(), exampleCount: z.int() });
const memorySchema = z.strictObject({
  consented: z.boolean(),
  /** Start was pressed, and Stop was not. */
  takingPart: z.boolean(),
  /** How the first shared model that came here did on the person's held-out examples. */
  first: z.nullable(accuracySchema),
  latest: z.nullable(accuracySchema),
});
type RunMemory = z.infer<typeof memorySchema>;
export type OwnAccuracy = z.infer<typeof accuracySchema>;

const NOTHING: RunMemory = { consented: false, takingPart: false, first: null, latest: null };
const keyOf = (runId: string) => `tributary/run/${runId}`;

export function recallRun(runId: string): RunMemory {
  try {
    const parsed = memorySchema.safeParse(JSON.parse(localStorage.getItem(keyOf(runId)) ?? 'null'));
    return parsed.success ? parsed.data : NOTHING;
  } catch {
    // No storage here, or somebody else's text in it: both are a first visit.
    return NOTHING;
  }
}

export function rememberRun(runId: string, change: Partial<RunMemory>): void {
  try {
    localStorage.setItem(keyOf(runId), JSON.stringify({ ...recallRun(runId), ...change }));
  } catch {
    // Without storage the next visit starts afresh; the page has said so.
  }
}
