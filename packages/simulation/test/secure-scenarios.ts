/** Scenarios with secure aggregation over a small model, and how to run them. */
import type { TaskManifestInput } from '@tributary/fl-core';
import { parseScenario, type Scenario, type ScenarioInput } from '../src/scenario.ts';
import type { SimulatedRound } from '../src/simulated-round.ts';
import { simulate } from '../src/simulator.ts';
import { pointClouds } from './point-clouds.ts';
import { softmaxTrainer } from './softmax-trainer.ts';

const schema = {
  kind: 'tabular' as const,
  columns: Array.from({ length: 8 }, (_, i) => ({
    kind: 'number' as const,
    name: `x${i}`,
    mean: 0,
    deviation: 1,
  })),
  labelColumn: 'y',
  labels: ['a', 'b', 'c', 'd'],
};
const dataset = { train: pointClouds('train', 245), validation: pointClouds('validation', 200) };

const SA_1 = { mode: 'sa-1', stageSeconds: 5 } as const;
export const OFF = { mode: 'off' } as const;

export interface Changes {
  secureAggregation?: TaskManifestInput['secureAggregation'];
  compression?: TaskManifestInput['compression'];
  population?: Partial<ScenarioInput['population']>;
  rounds?: Partial<ScenarioInput['task']['rounds']>;
  top?: Partial<ScenarioInput>;
}

function scenarioWith({
  secureAggregation = SA_1,
  compression = { codec: 'quantised', valueBits: 12 },
  population = {},
  rounds = {},
  top = {},
}: Changes = {}): Scenario {
  return parseScenario({
    name: 'point clouds',
    seed: 'a',
    dataset: { kind: 'tabular-csv', trainFile: '-', validationFile: '-', columnsInFile: ['x', 'y'], schema },
    // Everybody is there before the first round is over, so that later ones choose among the same.
    population: {
      participants: 12,
      partition: { kind: 'iid' },
      arrivalSeconds: 0.5,
      examplesPerSecond: { minimum: 20, maximum: 40 },
      ...population,
    },
    task: {
      model: { kind: 'softmax-regression', inputSize: 8, classes: 4 },
      training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 2, batchSize: 5 },
      rounds: {
        reportGoal: 8,
        overSelection: 1,
        minimumSurvivors: 4,
        rejoinSeconds: 3,
        reportingSeconds: 10,
        ...rounds,
      },
      aggregation: {
        weighting: 'examples',
        maximumWeight: 25,
        serverOptimiser: { kind: 'sgd', learningRate: 1 },
      },
      compression,
      secureAggregation,
    },
    maximumRounds: 4,
    ...top,
  } satisfies ScenarioInput);
}

export async function run(changes: Changes = {}) {
  const rounds: SimulatedRound[] = [];
  const result = await simulate(scenarioWith(changes), {
    trainer: softmaxTrainer(),
    dataset,
    onRound: (round) => rounds.push(round),
  });
  return { result, rounds };
}

/** Stops when so many rounds have ended, however. */
export async function runUntil(count: number, changes: Changes) {
  const rounds: SimulatedRound[] = [];
  const controller = new AbortController();
  const simulation = simulate(scenarioWith(changes), {
    trainer: softmaxTrainer(),
    dataset,
    signal: controller.signal,
    onRound: (round) => {
      rounds.push(round);
      if (rounds.length === count) controller.abort();
    },
  });
  const stopped = await simulation.then(
    () => false,
    (error: { code?: string }) => error.code === 'training-stopped',
  );
  return { rounds, stopped };
}
