/** What a code costs beside another one: medians over pairs of runs that differ in nothing but the code. */
import type { RunFigures } from './one-run.ts';
import type { LearningTask } from './tasks.ts';

export interface PairedCosts {
  /** Of the code's own runs; infinite when most of them do not get there. */
  readonly roundsToTarget: number;
  readonly roundsRatio: number;
  readonly finalAccuracy: number;
  readonly accuracyLost: number;
  /** Pairs in which the code ended lower. */
  readonly pairsThatLost: number;
}

type Measured = Pick<LearningTask, 'targetAccuracy' | 'window'>;

/** @param runs by seed, in the same order as `others` */
export function pairedCosts(
  runs: readonly RunFigures[],
  others: readonly RunFigures[],
  task: Measured,
): PairedCosts {
  const rounds = runs.map((run) => roundsToTarget(run.accuracy, task));
  const ends = runs.map((run) => meanOfLast(run.accuracy, task.window));
  const lost = others.map((other, seed) => meanOfLast(other.accuracy, task.window) - ends[seed]!);
  return {
    roundsToTarget: median(rounds),
    roundsRatio: median(
      others.map((other, seed) => ratioOf(rounds[seed]!, roundsToTarget(other.accuracy, task))),
    ),
    finalAccuracy: median(ends),
    accuracyLost: median(lost),
    pairsThatLost: lost.filter((difference) => difference > 0).length,
  };
}

/** The first round whose window's mean is at the target. */
function roundsToTarget(accuracy: readonly number[], { targetAccuracy, window }: Measured): number {
  for (let round = window; round <= accuracy.length; round += 1) {
    if (meanOfLast(accuracy.slice(0, round), window) >= targetAccuracy) return round;
  }
  return Number.POSITIVE_INFINITY;
}

/** Two that never get there are not told apart by rounds. */
const ratioOf = (rounds: number, others: number): number => (rounds === others ? 1 : rounds / others);

function meanOfLast(accuracy: readonly number[], window: number): number {
  const last = accuracy.slice(-window);
  return last.reduce((sum, value) => sum + value, 0) / last.length;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)]!;
  return sorted.length % 2 === 1 ? upper : (sorted[sorted.length / 2 - 1]! + upper) / 2;
}
