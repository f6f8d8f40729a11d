/** What training left in memory, and the forms in which it leaves. */
import type { Evaluation, ParameterSet } from '@tributary/fl-core';

export interface LocalUpdate {
  /** Checked; clipped where it is sent as it is. */
  readonly modelDelta: ParameterSet;
  readonly exampleCount: number;
  /** Of the model that the round starts from, on held-out examples; null when none are held out. */
  readonly evaluation: Evaluation | null;
}
