/** A scenario that adapts a model: the base is proven, fetched once by each, and in every request; adapters alone are sent. */
import {
  ALPHABETS,
  blobHashOf,
  encodeFrame,
  frameLength,
  frozenParameters,
  frozenShapes,
  initialParameters,
  type ModelSpec,
  type ParameterSet,
  parameterShapes,
  plainSha256,
  type Trainer,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { generateText, parseScenario, simulate, textExamples } from '../src/index.ts';

const BASE = {
  kind: 'char-transformer',
  vocabularySize: ALPHABETS['lower-case'].length,
  sequenceLength: 8,
  width: 8,
  heads: 2,
  blocks: 1,
} as const satisfies ModelSpec;
const base = initialParameters(BASE, 'base');
const baseModel = encodeFrame(base, plainSha256);
const model: ModelSpec = {
  ...BASE,
  adaptation: { kind: 'lora', rank: 2, scale: 1, baseModel: blobHashOf(baseModel) },
};
const schema = { kind: 'text', alphabet: ALPHABETS['lower-case'], sequenceLength: 8 } as const;
const PARTICIPANTS = 4;
const ROUNDS = 3;

const scenario = parseScenario({
  name: 'adapted',
  seed: 'adapted',
  dataset: { kind: 'generated-text', topic: 'water', characters: 400, validationCharacters: 100, schema },
  population: { participants: PARTICIPANTS, partition: { kind: 'iid' } },
  task: {
    model,
    training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 4 },
    rounds: { reportGoal: PARTICIPANTS, overSelection: 1, minimumSurvivors: PARTICIPANTS },
    aggregation: { serverOptimiser: { kind: 'sgd' } },
  },
  maximumRounds: ROUNDS,
});
const text = (seed: string) => textExamples(generateText({ seed, characters: 400 }), schema);
const dataset = { train: text('train'), validation: text('validation') };

/** Moves every adapter by one, and remembers on what. */
function steppingTrainer() {
  const bases: (ParameterSet | undefined)[] = [];
  const trainer = {
    backend: { name: 'plain', adapter: '', passedOver: [] },
    async train({ initial, frozen, examples }) {
      bases.push(frozen);
      const values = initial.values.map((value) => value + 1);
      const parameters = { shapes: initial.shapes, values };
      return { parameters, examplesTrained: examples.count, meanLoss: 1, seconds: 1 };
    },
    async evaluate({ frozen, examples }) {
      bases.push(frozen);
      return { exampleCount: examples.count, accuracy: 0.5, loss: 1, confusion: [] };
    },
    predict: () => Promise.reject(new Error('not asked')),
    dispose: async () => {},
  } as Trainer;
  return { bases, trainer };
}

describe('a simulation of adapters', () => {
  it('hands the base to every training and measurement, and counts it once for each device', async () => {
    const { bases, trainer } = steppingTrainer();
    const result = await simulate(scenario, { trainer, dataset, baseModel });
    expect(bases).toHaveLength(ROUNDS * (PARTICIPANTS + 1));
    for (const frozen of bases) expect(frozen).toEqual(base);
    const adapters = frameLength(parameterShapes(model));
    expect(result.bytesUp).toBe(ROUNDS * PARTICIPANTS * adapters);
    expect(result.bytesDown).toBe(PARTICIPANTS * (ROUNDS * adapters + frameLength(frozenShapes(model)!)));
    const moved = initialParameters(model, scenario.seed).values.map((value) => value + ROUNDS);
    expect(blobHashOf(result.model)).toBe(result.modelHash);
    const values = new Float32Array(result.model.slice(-32 - 4 * moved.length, -32).buffer);
    values.forEach((value, i) => void expect(value).toBeCloseTo(moved[i]!, 3));
  });

  it('hands the factor that does not train to every training, and sends the other alone', async () => {
    const { bases, trainer } = steppingTrainer();
    const { adaptation, ...sizes } = model as typeof BASE & { adaptation: object };
    const halfTrained = { ...sizes, adaptation: { ...adaptation, trains: 'b' } } as ModelSpec;
    const task = { ...scenario.task, model: halfTrained };
    const result = await simulate({ ...scenario, task }, { trainer, dataset, baseModel });
    for (const frozen of bases) expect(frozen).toEqual(frozenParameters(halfTrained, base));
    const sent = frameLength(parameterShapes(halfTrained));
    expect(result.bytesUp).toBe(ROUNDS * PARTICIPANTS * sent);
    expect(result.bytesDown).toBe(PARTICIPANTS * (ROUNDS * sent + baseModel.length));
  });

  it('does not begin without the base, or with another', async () => {
    const { trainer } = steppingTrainer();
    await expect(simulate(scenario, { trainer, dataset })).rejects.toMatchObject({ code: 'data-missing' });
    const other = encodeFrame(initialParameters(BASE, 'other'), plainSha256);
    await expect(simulate(scenario, { trainer, dataset, baseModel: other })).rejects.toMatchObject({
      code: 'blob-corrupt',
    });
  });

  it('divides text evenly, and by no labels, of which it has none', () => {
    expect(() =>
      parseScenario({
        ...scenario,
        population: { ...scenario.population, partition: { kind: 'dirichlet', alpha: 1 } },
      }),
    ).toThrow('population.partition');
  });
});
