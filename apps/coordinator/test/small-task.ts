/** A task small enough to calculate by hand: 4 inputs, 2 classes, 10 parameters. */
import { parseManifest, type TaskManifest } from '@tributary/fl-core';

export function smallTask(rounds: Partial<TaskManifest['rounds']> = {}): TaskManifest {
  return parseManifest({
    manifestVersion: 1,
    name: 'small',
    seed: 'small',
    model: { kind: 'softmax-regression', inputSize: 4, classes: 2 },
    data: {
      kind: 'tabular',
      columns: ['a', 'b', 'c', 'd'].map((name) => ({ kind: 'number', name, mean: 0, deviation: 1 })),
      labelColumn: 'label',
      labels: ['no', 'yes'],
    },
    training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
    rounds: {
      committedRounds: 2,
      reportGoal: 3,
      overSelection: 1,
      minimumSurvivors: 2,
      selectionSeconds: 1,
      trainingSeconds: 20,
      reportingSeconds: 10,
      rejoinSeconds: 5,
      comeBackSeconds: 1,
      ...rounds,
    },
    aggregation: { serverOptimiser: { kind: 'sgd', learningRate: 1, momentum: 0.5 } },
    eligibility: { minimumExamples: 2 },
  });
}

/** The same with secure aggregation; six members of which one may be lost anywhere. */
export function secureTask(rounds: Partial<TaskManifest['rounds']> = {}, stageSeconds = 10): TaskManifest {
  const { manifestVersion, ...clear } = smallTask();
  return parseManifest({
    ...clear,
    manifestVersion,
    name: 'small and secret',
    rounds: { ...clear.rounds, reportGoal: 6, minimumSurvivors: 4, ...rounds },
    aggregation: { ...clear.aggregation, maximumWeight: 100 },
    compression: { codec: 'quantised', valueBits: 20, bound: 1, ring: 'proven' },
    secureAggregation: { mode: 'sa-1', stageSeconds },
  });
}
