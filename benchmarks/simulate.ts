/**
 * The simulator on McMahan's 2NN (199,210 parameters, C = 0.1, B = 10, E = 1) with generated digits: with training,
 * and without it (what machines, frames and aggregation cost), for a hundred participants and for a thousand.
 */
import { createHash } from 'node:crypto';
import type { ExampleSet, Trainer } from '@tributary/fl-core';
import { generateDigits, imageExamples, parseScenario, simulate } from '@tributary/simulation';
import { createEngineTrainer, threadEngines } from '@tributary/training/local';
import type { BenchmarkOptions, BenchmarkRow } from './benchmark.ts';
import { figure } from './fastest.ts';

const EXAMPLES_EACH = 60;
const INVITED = 10;

export async function run({ quick }: BenchmarkOptions): Promise<BenchmarkRow[]> {
  const trainer = createEngineTrainer(threadEngines());
  const without: Trainer = { ...trainer, train: leaveAsItIs, evaluate: notMeasured };
  const rounds = quick ? 5 : 40;
  const rows: BenchmarkRow[] = [];
  for (const participants of quick ? [100] : [100, 1000]) {
    const dataset = {
      train: imageExamples(generateDigits({ seed: 'benchmark', count: participants * EXAMPLES_EACH })),
      validation: imageExamples(generateDigits({ seed: 'benchmark/validation', count: 500 })),
    };
    rows.push(await measure('training', trainer, { participants, rounds, dataset }));
    rows.push(await measure('no training', without, { participants, rounds, dataset }));
  }
  return rows;
}

async function measure(
  name: string,
  trainer: Trainer,
  options: {
    participants: number;
    rounds: number;
    dataset: { train: ExampleSet; validation: ExampleSet };
  },
): Promise<BenchmarkRow> {
  const { participants, rounds, dataset } = options;
  const scenario = parseScenario({
    name: 'benchmark',
    seed: 'benchmark',
    dataset: { kind: 'generated-digits', examples: dataset.train.count, validationExamples: 500 },
    population: { participants, partition: { kind: 'iid' } },
    task: {
      model: { kind: 'mlp', inputSize: 784, hidden: [200, 200], classes: 10 },
      training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
      rounds: { reportGoal: INVITED, overSelection: 1, minimumSurvivors: INVITED },
      aggregation: { serverOptimiser: { kind: 'sgd' } },
    },
    maximumRounds: rounds,
    evaluateEvery: rounds,
  });
  const started = performance.now();
  const result = await simulate(scenario, {
    trainer,
    dataset,
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  });
  const seconds = (performance.now() - started) / 1000;
  return {
    case: name,
    participants,
    rounds: result.rounds,
    seconds: figure(seconds),
    roundsPerSecond: figure(result.rounds / seconds),
    examplesPerSecond:
      name === 'training' ? figure((result.rounds * INVITED * EXAMPLES_EACH) / seconds) : null,
    virtualSeconds: figure(result.virtualSeconds),
  };
}

const leaveAsItIs: Trainer['train'] = async ({ initial, examples }) => ({
  parameters: { shapes: initial.shapes, values: initial.values.slice() },
  examplesTrained: examples.count,
  meanLoss: 0,
  seconds: 0,
});

const notMeasured: Trainer['evaluate'] = async ({ examples }) => ({
  exampleCount: examples.count,
  accuracy: 0,
  loss: 0,
  confusion: [],
});
