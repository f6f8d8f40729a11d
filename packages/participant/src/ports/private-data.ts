/** The examples of this person, as the participant sees them. They are handed to the trainer and to nobody else. */
import type { ExampleSet, ExampleStream } from '@tributary/fl-core';

export interface PrivateData {
  /** Number of examples that train; this number is sent at check-in. */
  exampleCount(): Promise<number>;
  /**
   * A stream where there are more than a device should hold.
   * @throws TributaryError `data-missing` when there are none, `data-invalid` when they do not fit the task
   */
  trainingExamples(): Promise<ExampleSet | ExampleStream>;
  /** Examples that never train, to measure models with; null when there are none. */
  heldOutExamples(): Promise<ExampleSet | null>;
}
