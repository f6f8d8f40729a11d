/** Turns finished batches into progress reports, about two a second. */
import type { TrainingProgress } from '@tributary/fl-core';

const REPORT_EVERY_MS = 500;

export interface ProgressMeter {
  /**
   * @param finished those of the examples that will not be repeated in this epoch
   * @param lossSum cross-entropy summed over these examples (mean over labels within an example), in nats
   */
  add(batch: { epoch: number; examples: number; finished: number; lossSum: number }): void;
}

export function createProgressMeter(run: {
  readonly epochs: number;
  readonly epochsDone: number;
  readonly examplesPerEpoch: number;
  readonly onProgress: (progress: TrainingProgress) => void;
}): ProgressMeter {
  const examplesTotal = run.epochs * run.examplesPerEpoch;
  let examplesDone = run.epochsDone * run.examplesPerEpoch;
  let reportedAt = performance.now();
  let examplesSince = 0;
  let lossSince = 0;
  return {
    add({ epoch, examples, finished, lossSum }) {
      examplesDone += finished;
      examplesSince += examples;
      lossSince += lossSum;
      const elapsedMs = performance.now() - reportedAt;
      if (elapsedMs < REPORT_EVERY_MS && examplesDone < examplesTotal) return;
      run.onProgress({
        epoch,
        epochs: run.epochs,
        examplesDone,
        examplesTotal,
        loss: lossSince / examplesSince,
        examplesPerSecond: examplesSince / Math.max(elapsedMs / 1000, 1e-6),
      });
      reportedAt += elapsedMs;
      examplesSince = 0;
      lossSince = 0;
    },
  };
}
