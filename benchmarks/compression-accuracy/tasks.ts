/** What is learned: McMahan's tasks on MNIST, shortened so far that codes differ before all of them are done. */
import { readFileSync } from 'node:fs';
import type { ScenarioInput } from '@tributary/simulation';

/** Seen from `dist/compression-accuracy`. */
const SCENARIOS = new URL('../../../scenarios/', import.meta.url);

export type TaskName = '2nn-iid' | '2nn-noniid' | 'cnn' | '2nn-everybody';

export interface LearningTask {
  readonly name: TaskName;
  readonly rounds: number;
  readonly targetAccuracy: number;
  /** A figure of a round is the mean over so many rounds that end with it: one round's cohort decides little. */
  readonly window: number;
  /** Of the validation set; the first ones, where all of them would take longer than the training. */
  readonly validationExamples: number;
  scenario(): ScenarioInput;
}

export const LEARNING_TASKS: readonly LearningTask[] = [
  {
    name: '2nn-iid',
    rounds: 50,
    targetAccuracy: 0.965,
    window: 5,
    validationExamples: 10_000,
    scenario: () => baseOf('mnist-2nn-iid.json'),
  },
  {
    name: '2nn-noniid',
    rounds: 120,
    targetAccuracy: 0.9,
    window: 20,
    validationExamples: 10_000,
    scenario: () => baseOf('mnist-2nn-noniid.json'),
  },
  {
    name: 'cnn',
    rounds: 14,
    targetAccuracy: 0.9,
    window: 3,
    validationExamples: 1000,
    scenario: () => {
      const base = baseOf('mnist-2nn-iid.json');
      const { task } = base;
      return {
        ...base,
        task: {
          ...task,
          model: { kind: 'mcmahan-cnn', height: 28, width: 28, channels: 1, classes: 10 },
          training: { ...task.training, maximumExamples: 150 },
        },
      };
    },
  },
  {
    /** Everybody is in each round: what a code left out comes with the next one. */
    name: '2nn-everybody',
    rounds: 50,
    targetAccuracy: 0.965,
    window: 5,
    validationExamples: 10_000,
    scenario: () => {
      const base = baseOf('mnist-2nn-iid.json');
      const { task, population } = base;
      return {
        ...base,
        population: { ...population, participants: 10 },
        task: { ...task, training: { ...task.training, maximumExamples: 600 } },
      };
    },
  },
];

/**
 * Without what would let runs of one seed differ in more than the code: a network so fast that sizes move nobody from one
 * cohort into another, and weights that a ring has a place for.
 */
function baseOf(file: string): ScenarioInput {
  const scenario = JSON.parse(readFileSync(new URL(file, SCENARIOS), 'utf8')) as ScenarioInput;
  return {
    ...scenario,
    population: {
      ...scenario.population,
      arrivalSeconds: 0.2,
      latencySeconds: { minimum: 0.001, maximum: 0.001 },
      bytesPerSecond: { minimum: 1e12, maximum: 1e12 },
    },
    task: { ...scenario.task, aggregation: { ...scenario.task.aggregation, maximumWeight: 600 } },
  };
}
