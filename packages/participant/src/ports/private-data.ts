/** The examples of this person, as the participant sees them. They are handed to the trainer and to nobody else. */
import type { ExampleSet } from '@tributary/fl-core';

export interface PrivateData {
  /** Number of examples that train; this number is sent at check-in. */
  exampleCount(): Promise<number>;
  /** @throws TributaryError `data-missing` when there are none, `data-invalid` when they do not fit the task */
  trainingExamples(): Promise<ExampleSet>;
  /** Examples that never train, to measure models with; null when there are none. */
  heldOutExamples(): Promise<ExampleSet | null>;
}
