/** The port to the record of who steered a run, and how. Written once, never changed. */
import type { RunId, SteeringEntry } from '@tributary/fl-core';

export interface SteeringLog {
  /** Resolves when the entry would survive a power cut. */
  append(runId: RunId, entry: SteeringEntry): Promise<void>;
  /** Newest first. */
  entries(runId: RunId): Promise<readonly SteeringEntry[]>;
}
