/** What is coded: vectors of known distributions, all from seeds, and what training really gives. */
import { loadScenarioData } from '@tributary/coordinator/dist/data-files/scenario-dataset.js';
import {
  initialParameters,
  modelDelta,
  type ParameterSet,
  type RandomSource,
  seededRandom,
  unitInterval,
} from '@tributary/fl-core';
import { gatherExamples, parseScenario } from '@tributary/simulation';
import { createEngineTrainer, threadEngines } from '@tributary/training/local';

export interface TestVector {
  readonly source: string;
  readonly shapes: readonly (readonly number[])[];
  readonly values: Float32Array;
}

export const DISTRIBUTIONS = {
  normal,
  /** With a random sign: updates have both. */
  'log-normal': (random: RandomSource) => (unitInterval(random) < 0.5 ? -1 : 1) * Math.exp(normal(random)),
  'student-t(3)': (random: RandomSource) => {
    const squares = normal(random) ** 2 + normal(random) ** 2 + normal(random) ** 2;
    return normal(random) / Math.sqrt(squares / 3);
  },
} as const satisfies Readonly<Record<string, (random: RandomSource) => number>>;

/** @param length a square */
export function drawnVectors(length: number): TestVector[] {
  return Object.entries(DISTRIBUTIONS).map(([source, draw]) => {
    const random = seededRandom(`${source} ${length}`);
    const side = Math.sqrt(length);
    return { source, shapes: [[side, side]], values: Float32Array.from({ length }, () => draw(random)) };
  });
}

/** Box and Muller 1958. */
function normal(random: RandomSource): number {
  return Math.sqrt(-2 * Math.log(1 - unitInterval(random))) * Math.cos(2 * Math.PI * unitInterval(random));
}

const EXAMPLES = 600;
/** Updates that the model has seen before the one that is taken. */
const EARLIER = 3;

/**
 * The delta of McMahan's 2NN after an epoch on 600 digits in batches of ten, learning rate 0.1: the fourth in a row, each on
 * digits of its own.
 * @param folder of MNIST's files; digits are generated without it
 */
export async function realDelta(folder: string | undefined): Promise<TestVector> {
  const model = { kind: 'mlp' as const, inputSize: 784, hidden: [200, 200], classes: 10 };
  const training = { optimiser: { kind: 'sgd' as const, learningRate: 0.1 }, epochs: 1, batchSize: 10 };
  const count = EXAMPLES * (EARLIER + 1);
  const scenario = parseScenario({
    name: 'A real update',
    seed: 'real-update',
    dataset:
      folder === undefined
        ? { kind: 'generated-digits', examples: count, validationExamples: 1 }
        : { kind: 'mnist' },
    population: { participants: 1, partition: { kind: 'iid' } },
    task: {
      model,
      training,
      rounds: { reportGoal: 1, minimumSurvivors: 1 },
      aggregation: { serverOptimiser: { kind: 'sgd' } },
    },
    maximumRounds: 1,
  });
  const warn = (message: string) => process.stderr.write(`${message}\n`);
  const { train } = await loadScenarioData(scenario, { folder, warn });
  const trainer = createEngineTrainer(threadEngines());
  let initial: ParameterSet = initialParameters(model, 'real-update');
  let delta = initial;
  for (let update = 0; update <= EARLIER; update += 1) {
    const own = Int32Array.from({ length: EXAMPLES }, (_, i) => update * EXAMPLES + i);
    const { parameters } = await trainer.train({
      model,
      initial,
      examples: gatherExamples(train, own),
      training: scenario.task.training,
      seed: `real-update/${update}`,
    });
    delta = modelDelta(parameters, initial);
    initial = parameters;
  }
  const source = `update of the 2NN, ${scenario.dataset.kind}`;
  return { source, shapes: delta.shapes, values: delta.values };
}
