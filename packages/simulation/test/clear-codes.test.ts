/** Runs whose updates travel in clear codes: the same machines, frames and codes as those that are deployed. */
import { initialParameters, longestUpdate, type TaskManifestInput } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { parseScenario, type ScenarioInput, scenarioManifest } from '../src/scenario.ts';
import { simulate } from '../src/simulator.ts';
import { pointClouds } from './point-clouds.ts';
import { softmaxTrainer } from './softmax-trainer.ts';

const dataset = { train: pointClouds('train', 245), validation: pointClouds('validation', 200) };
const FED = { mode: 'on', expiresAfterRounds: 30 } as const;

function scenarioWith(compression: TaskManifestInput['compression'], change: Partial<ScenarioInput> = {}) {
  const column = (name: string) => ({ kind: 'number' as const, name, mean: 0, deviation: 1 });
  const columns = Array.from({ length: 8 }, (_, i) => column(`x${i}`));
  const schema = { kind: 'tabular' as const, columns, labelColumn: 'y', labels: ['a', 'b', 'c', 'd'] };
  return parseScenario({
    ...{ name: 'point clouds', seed: 'a', maximumRounds: 12 },
    dataset: { kind: 'tabular-csv', trainFile: '-', validationFile: '-', columnsInFile: ['x', 'y'], schema },
    population: { participants: 6, partition: { kind: 'iid' } },
    task: {
      model: { kind: 'softmax-regression', inputSize: 8, classes: 4 },
      training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 2, batchSize: 5 },
      rounds: { reportGoal: 4, overSelection: 1, minimumSurvivors: 2 },
      aggregation: { weighting: 'examples', serverOptimiser: { kind: 'sgd', learningRate: 1 } },
      ...(compression && { compression }),
    },
    ...change,
  } satisfies ScenarioInput);
}

const run = (...scenario: Parameters<typeof scenarioWith>) =>
  simulate(scenarioWith(...scenario), { trainer: softmaxTrainer(), dataset });

describe('a simulated run', () => {
  it.each([
    { codec: 'eden', bits: 4 },
    { codec: 'eden', bits: 1, feedback: FED },
    { codec: 'codebook', bits: 4 },
    { codec: 'top-k', fraction: 0.3, momentum: 0.5, warmUpRounds: 3, feedback: FED },
    { codec: 'truncated', mantissaBits: 3 },
    { codec: 'power-sgd', rank: 1, feedback: FED },
  ] as const)('[A-11] learns from updates in $codec, the same from the same seed', async (compression) => {
    const result = await run(compression);
    expect(result.rounds).toBe(12);
    expect(result.finalAccuracy).toBeGreaterThan(0.6);
    expect((await run(compression)).modelHash).toBe(result.modelHash);
    const manifest = scenarioManifest(scenarioWith(compression));
    const { shapes } = initialParameters(manifest.model, '');
    expect(result.bytesUp).toBeLessThanOrEqual(12 * 4 * longestUpdate(manifest, shapes));
  });

  it('[P-23] remembers for each of its participants what was lost: a coarse code needs it', async () => {
    const coarse = { codec: 'top-k', fraction: 0.03 } as const;
    const forgetful = await run(coarse);
    const fed = await run({ ...coarse, feedback: FED });
    const whole = await run(undefined);
    const last = ({ loss }: typeof fed) => loss.at(-1)!;
    expect(last(forgetful) - last(whole)).toBeGreaterThan(2 * (last(fed) - last(whole)));
  });

  it('spends fewer bits on a slow connection, where the plan is adaptive', async () => {
    const eden = { codec: 'eden', bits: 4 } as const;
    const slow = {
      // A third of what reporting may take is too short even for one bit.
      population: {
        participants: 6,
        partition: { kind: 'iid' },
        bytesPerSecond: { minimum: 10, maximum: 10 },
      },
    } as const;
    const [fixed, adaptive] = await Promise.all([run(eden, slow), run({ ...eden, adaptive: true }, slow)]);
    expect(adaptive.bytesUp).toBeLessThan(fixed.bytesUp / 2);
    expect((await run({ ...eden, adaptive: true })).bytesUp).toBe((await run(eden)).bytesUp);
  });

  it('[M-6] is refused when its codes cannot be masked', () => {
    const compression = { codec: 'eden' } as const;
    const { task } = scenarioWith(compression);
    const secure = {
      task: {
        ...task,
        rounds: { ...task.rounds, minimumSurvivors: 3 },
        secureAggregation: { mode: 'sa-1' },
      },
    };
    expect(() => scenarioManifest(scenarioWith(compression, secure as Partial<ScenarioInput>))).toThrow(
      /compression\.codec/,
    );
  });
});
