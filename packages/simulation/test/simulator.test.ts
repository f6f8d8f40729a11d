import {
  blobHashOf,
  encodeFrame,
  initialParameters,
  type ParameterSet,
  plainSha256,
  sampleCohort,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { drawPopulation, gatherExamples } from '../src/population.ts';
import { parseScenario, type Scenario, type ScenarioInput, scenarioManifest } from '../src/scenario.ts';
import { simulate } from '../src/simulator.ts';
import { pointClouds } from './point-clouds.ts';
import { descend, measure, softmaxTrainer } from './softmax-trainer.ts';

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

interface Changes {
  readonly top?: Partial<ScenarioInput>;
  readonly population?: Partial<ScenarioInput['population']>;
  readonly rounds?: Partial<ScenarioInput['task']['rounds']>;
}

function scenarioWith({ top, population, rounds }: Changes = {}): Scenario {
  return parseScenario({
    name: 'point clouds',
    seed: 'a',
    dataset: { kind: 'tabular-csv', trainFile: '-', validationFile: '-', columnsInFile: ['x', 'y'], schema },
    population: { participants: 12, partition: { kind: 'iid' }, ...population },
    task: {
      model: { kind: 'softmax-regression', inputSize: 8, classes: 4 },
      training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 2, batchSize: 5 },
      rounds: { reportGoal: 4, overSelection: 1, minimumSurvivors: 2, ...rounds },
      aggregation: { weighting: 'examples', serverOptimiser: { kind: 'sgd', learningRate: 1 } },
    },
    maximumRounds: 8,
    ...top,
  } satisfies ScenarioInput);
}

const dataset = { train: pointClouds('train', 245), validation: pointClouds('validation', 200) };
const run = (changes: Changes = {}, trainer = softmaxTrainer()) =>
  simulate(scenarioWith(changes), { trainer, dataset });

describe('the simulator', () => {
  it('gives the same result, bit for bit, for the same seed, and another model for another seed', async () => {
    const first = await run();
    expect(await run()).toEqual(first);
    expect((await run({ top: { seed: 'b' } })).modelHash).not.toBe(first.modelHash);
  });

  it('gives the model that an independent federated averaging gives, when everybody takes part', async () => {
    const changes = { rounds: { reportGoal: 12, minimumSurvivors: 12 } };
    const result = await run(changes);
    const { parameters, accuracy } = plainFederatedAveraging(scenarioWith(changes));
    expect(result.rounds).toBe(8);
    // The fixed point of this plan resolves 2^-30 or so; 1e-6 covers eight rounds of it and float32 rounding.
    expect(result.accuracy.at(-1)).toBeCloseTo(accuracy, 2);
    const model = await lastModel(changes);
    for (let i = 0; i < parameters.values.length; i += 1) {
      expect(Math.abs(model.values[i]! - parameters.values[i]!)).toBeLessThan(1e-6);
    }
    expect(blobHashOf(encodeFrame(model, plainSha256))).toBe(result.modelHash);
  });

  it('gives the same model whatever the network does, as long as the same updates are accepted', async () => {
    const everybody = { reportGoal: 12, minimumSurvivors: 12 };
    const hashes = new Set<string>();
    for (const networkSeed of ['calm', 'rough', 'odd']) {
      const result = await run({ rounds: everybody, population: { networkSeed } });
      hashes.add(result.modelHash);
    }
    expect(hashes.size).toBe(1);
  });

  it('trains only those who are invited', async () => {
    const trainer = softmaxTrainer();
    const result = await run({}, trainer);
    expect(result.rounds).toBe(8);
    expect(trainer.trainings()).toBe(8 * 4);
  });

  it('learns, stops at the target, and says in which round', async () => {
    const result = await run({ top: { targetAccuracy: 0.7, maximumRounds: 50 } });
    expect(result.roundsToTarget).toBe(result.rounds);
    expect(result.rounds).toBeLessThan(50);
    expect(result.finalAccuracy).toBeGreaterThanOrEqual(0.7);
    expect(result.accuracy.slice(0, -1).every((accuracy) => accuracy! < 0.7)).toBe(true);
  });

  it('counts each update and each model once', async () => {
    const frameBytes = encodeFrame(
      initialParameters({ kind: 'softmax-regression', inputSize: 8, classes: 4 }, ''),
      plainSha256,
    ).length;
    const result = await run();
    expect(result.bytesUp).toBe(8 * 4 * frameBytes);
    expect(result.bytesDown).toBeGreaterThanOrEqual(8 * 4 * frameBytes);
  });

  it.each(['first', 'second', 'third', 'fourth', 'fifth'])(
    'comes to its end although three in ten drop out in each round (seed %s)',
    async (networkSeed) => {
      const result = await run({
        top: { maximumRounds: 15 },
        population: { dropoutProbability: 0.3, networkSeed },
        rounds: { overSelection: 1.5, trainingSeconds: 20, reportingSeconds: 10, rejoinSeconds: 5 },
      });
      expect(result.rounds).toBe(15);
      expect(result.dropouts).toBeGreaterThan(0);
      expect(result.finalAccuracy).toBeGreaterThan(0.6);
    },
  );

  it('abandons rounds, and ends all the same, when most drop out', async () => {
    const result = await run({
      top: { maximumRounds: 3 },
      population: { dropoutProbability: 0.85 },
      rounds: { trainingSeconds: 20, rejoinSeconds: 5 },
    });
    expect(result.rounds).toBe(3);
    expect(result.abandonedRounds).toBeGreaterThan(0);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const stopped = simulate(scenarioWith(), {
      trainer: softmaxTrainer(),
      dataset,
      signal: controller.signal,
      onRound: () => controller.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'training-stopped' });
  });

  it('measures only every so many rounds when the scenario says so, and always after the last', async () => {
    const result = await run({ top: { evaluateEvery: 3 } });
    expect(result.accuracy.map((accuracy) => accuracy !== null)).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
      false,
      true,
    ]);
  });

  it('invites at random, so that everybody has a turn', async () => {
    const trained = new Set<string>();
    const plain = softmaxTrainer();
    const trainer = {
      ...plain,
      train: (request: Parameters<typeof plain.train>[0]) => {
        trained.add(request.seed.split('/')[1]!);
        return plain.train(request);
      },
    };
    await simulate(scenarioWith({ top: { maximumRounds: 30 } }), { trainer, dataset });
    // Each is missed by 30 rounds of 4 out of 12 with probability (2/3)^30: all twelve come but once in 16,000.
    expect(trained.size).toBe(12);
    expect(sampleCohort([], { count: 4, seed: 'nobody' })).toEqual([]);
  });
});

async function lastModel(changes: Changes): Promise<ParameterSet> {
  let model: ParameterSet | undefined;
  const plain = softmaxTrainer();
  const trainer = {
    ...plain,
    evaluate: (request: Parameters<typeof plain.evaluate>[0]) => {
      model = request.parameters;
      return plain.evaluate(request);
    },
  };
  await simulate(scenarioWith(changes), { trainer, dataset });
  return model!;
}

/** Algorithm 1 of McMahan et al. 2017 with C = 1, in float64, without machines, frames or fixed point. */
function plainFederatedAveraging(scenario: Scenario): { parameters: ParameterSet; accuracy: number } {
  const manifest = scenarioManifest(scenario);
  const population = drawPopulation(scenario, dataset.train);
  const total = population.reduce((sum, member) => sum + member.shard.length, 0);
  let parameters = initialParameters(manifest.model, manifest.seed);
  for (let roundNumber = 1; roundNumber <= scenario.maximumRounds; roundNumber += 1) {
    const sum = new Float64Array(parameters.values.length);
    for (const member of population) {
      const trained = descend({
        model: manifest.model,
        initial: parameters,
        examples: gatherExamples(dataset.train, member.shard),
        training: manifest.training,
        seed: `${manifest.seed}/${member.clientId}/${roundNumber}`,
      });
      for (let i = 0; i < sum.length; i += 1) sum[i]! += (member.shard.length / total) * trained.values[i]!;
    }
    parameters = { shapes: parameters.shapes, values: Float32Array.from(sum) };
  }
  return { parameters, accuracy: measure(parameters, dataset.validation).accuracy };
}

describe('models that come coded', () => {
  const withDownlink = (downlink: Scenario['task']['downlink']): Promise<Awaited<ReturnType<typeof run>>> => {
    const scenario = scenarioWith();
    return simulate(
      { ...scenario, task: { ...scenario.task, downlink } },
      { trainer: softmaxTrainer(), dataset },
    );
  };

  it('[V-1] teach as much on a grid as whole, with fewer bytes down', async () => {
    const whole = await run();
    const grid = await withDownlink({ codec: 'grid', bits: 6 });
    expect(grid.finalAccuracy!).toBeGreaterThan(whole.finalAccuracy! - 0.03);
    expect(grid.modelHash).not.toBe(whole.modelHash);
    expect(grid.bytesDown).toBeLessThan(0.8 * whole.bytesDown);
  });

  it('are the same models, bit for bit, where they are coded as they are', async () => {
    const whole = await run();
    const lossless = await withDownlink({ codec: 'lossless' });
    expect(lossless.modelHash).toBe(whole.modelHash);
    expect(lossless.bytesDown).toBeLessThanOrEqual(whole.bytesDown);
  });
});
