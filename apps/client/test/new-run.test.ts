/** The form for a new run and its JSON are two views of one draft. */
import { ALPHABETS, manifestSchema, parameterCount, parameterShapes } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { faultsOf } from '../src/dashboard/new-run/checked-manifest.ts';
import { type Draft, valueAt, withKind, withValue } from '../src/dashboard/new-run/draft.ts';
import { modelFittedToData, modelForecast, roundForecast } from '../src/dashboard/new-run/forecast.ts';
import { fieldGroups } from '../src/dashboard/new-run/manifest-fields.ts';
import { NOTATIONS } from '../src/dashboard/new-run/notations.ts';
import { sumForecast } from '../src/dashboard/new-run/sum-forecast.ts';
import { formWords } from '../src/dashboard/new-run/words.ts';

const draft: Draft = {
  manifestVersion: 1,
  name: 'digits',
  seed: 's',
  model: { kind: 'mlp', inputSize: 784, hidden: [200], classes: 10 },
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
  rounds: { committedRounds: 3, reportGoal: 10, minimumSurvivors: 1 },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
};

describe('the form', () => {
  it('has a field with words for every leaf of the manifest, whichever kinds are chosen', () => {
    const shown = new Set<string>();
    const otherWords = new Set<string>();
    for (const base of kindsOf(draft).flatMap(kindsOf)) {
      for (const { path, words: other } of fieldGroups(base).flatMap((group) => group.fields)) {
        shown.add(path);
        if (other) otherWords.add(other);
      }
    }
    for (const path of leaves(manifestSchema)) expect([...shown], path).toContain(path);
    // Columns say themselves what they are.
    const spoken = new Set([...Object.keys(formWords().fields), 'data.columns']);
    for (const path of [...shown, ...otherWords]) expect([...spoken], path).toContain(path);
  });

  it('finds nothing wrong with any kind that one can choose, but what contradicts another part', () => {
    for (const base of kindsOf(draft).flatMap(kindsOf)) {
      const kinds = JSON.stringify([base.model, base.data]);
      for (const { path } of faultsOf(base)) expect(CONTRADICTED, kinds).toContain(path);
    }
  });

  it('keeps what it cannot read as it was typed, so that the fault is shown and nothing is lost', () => {
    const typed = withValue(draft, 'rounds.reportGoal', NOTATIONS.number.read('ten'));
    expect(valueAt(typed, 'rounds.reportGoal')).toBe('ten');
    expect(faultsOf(typed).map(({ path }) => path)).toEqual(['rounds.reportGoal']);
    expect(NOTATIONS.number.write('ten')).toBe('ten');
  });

  it('leaves out what is empty, so that the default holds', () => {
    const emptied = withValue(
      withValue(draft, 'rounds.overSelection', 2),
      'rounds.overSelection',
      NOTATIONS.number.read(' '),
    );
    expect(emptied).toEqual(draft);
  });

  it('keeps what two kinds have in common', () => {
    const regression = withKind(draft, 'model', { kind: 'softmax-regression', inputSize: 1, classes: 2 });
    expect(regression.model).toEqual({ kind: 'softmax-regression', inputSize: 784, classes: 10 });
    const blocks = [{ filters: 8, stride: 1 }];
    const separable = withKind(draft, 'model', { kind: 'separable-cnn', stemFilters: 4, blocks });
    // They have the name in common, and mean different things by it.
    expect(withKind(separable, 'model', { kind: 'char-transformer', blocks: 2 }).model).toEqual({
      kind: 'char-transformer',
      blocks: 2,
    });
  });
});

describe('a notation', () => {
  it.each([
    ['number', 0.25],
    ['number', -3],
    ['numbers', [200, 100]],
    ['words', ['a', 'b c']],
    ['words', ['one, two', ' x']],
    ['words', ['[', ']']],
    ['json', { a: [1, null, 'x'] }],
    ['text', 'a, b'],
    ['alphabet', ALPHABETS['latin-1']],
    ['alphabet', ' \n\t\\n'],
    [
      'separable-blocks',
      [
        { filters: 32, stride: 2 },
        { filters: 64, stride: 1 },
      ],
    ],
    ['separable-blocks', [{ filters: 8, stride: 'two' }, 'x']],
  ] as const)('of a %s reads what it wrote: %j', (name, value) => {
    const { read, write } = NOTATIONS[name];
    expect(read(write(value))).toEqual(value);
  });

  it('of blocks says a stride where it is not 1', () => {
    expect(NOTATIONS['separable-blocks'].read('32/2, 64 / 1,5')).toEqual([
      { filters: 32, stride: 2 },
      { filters: 64, stride: 1 },
      { filters: 5, stride: 1 },
    ]);
    expect(
      NOTATIONS['separable-blocks'].write([
        { filters: 32, stride: 2 },
        { filters: 5, stride: 1 },
      ]),
    ).toBe('32/2, 5');
  });

  it('of a number takes a decimal comma', () => {
    expect(NOTATIONS.number.read('0,05')).toBe(0.05);
    expect(NOTATIONS.number.read('1e-3')).toBe(0.001);
  });
});

describe('the forecast', () => {
  it('is that of the manifest, also while other parts are faulty', () => {
    const faulty = { ...draft, name: '' };
    const shapes = parameterShapes({ kind: 'mlp', inputSize: 784, hidden: [200], classes: 10 });
    expect(modelForecast(faulty)?.parameters).toBe(parameterCount(shapes));
    expect(roundForecast(faulty)).toMatchObject({ invited: 13, longestSeconds: 370 });
    expect(modelForecast(withValue(draft, 'model.classes', 1))).toBeNull();
  });

  it('tells the adapters, which travel each round, from their base, which comes once', () => {
    const model = {
      kind: 'char-transformer',
      vocabularySize: 76,
      sequenceLength: 64,
      width: 64,
      heads: 4,
      blocks: 2,
    };
    const whole = modelForecast({ model });
    const adaptation = { kind: 'lora', rank: 4, scale: 2, baseModel: 'ab'.repeat(32) };
    const adapted = modelForecast({ model: { ...model, adaptation } });
    expect(whole?.base).toBeNull();
    expect(adapted?.base).toEqual({ parameters: whole?.parameters, frameBytes: whole?.frameBytes });
    // Two blocks of two projections: 64 x 4 down, 4 x 192 and 4 x 64 up.
    expect(adapted?.parameters).toBe(2 * (64 * 4 + 4 * 192 + 64 * 4 + 4 * 64));
    expect(adapted!.frameBytes).toBeLessThan(whole!.frameBytes / 20);
  });

  it('computes ring, neighbours and threshold as both sides do, and says which cohorts are possible', () => {
    const plan = { ...draft, rounds: { committedRounds: 3, reportGoal: 10, minimumSurvivors: 5 } };
    expect(sumForecast(plan)).toBeNull();
    const quantised = { ...plan, compression: { codec: 'quantised' } };
    // 16 bits of a value, and as many more as 13 participants need: 32767 x 13 < 2^19.
    expect(sumForecast(quantised)).toMatchObject({ bits: 20, sharing: null });
    const secure = { ...quantised, secureAggregation: { mode: 'sa-1', corruptFraction: 0 } };
    expect(sumForecast(secure)?.sharing?.graph).toEqual({ kind: 'complete', degree: 9, shareThreshold: 8 });
    expect(faultsOf(secure)).toEqual([]);
    expect(roundForecast(secure)?.longestSeconds).toBe(370 + 3 * 30);
    const many = { ...secure, secureAggregation: { ...secure.secureAggregation, dropoutFraction: 0.6 } };
    expect(sumForecast(many)?.sharing).toEqual({ graph: null, sizes: [] });
    expect(faultsOf(many).map(({ path }) => path)).toEqual(['secureAggregation.dropoutFraction']);
  });

  it('fits a model to its data', () => {
    const smaller = withValue(draft, 'data.height', 14);
    expect(faultsOf(smaller)).not.toEqual([]);
    const fitted = modelFittedToData(smaller);
    expect(faultsOf({ ...smaller, model: fitted })).toEqual([]);
    expect(modelFittedToData(draft)).toBeNull();
  });
});

/** By another kind than they were made for. */
const CONTRADICTED = [
  ...['model', 'model.parameterShapes', 'model.adaptation.baseModel'],
  // A secure sum of floats, or of so few that one could tell them apart.
  ...['compression.codec', 'rounds.minimumSurvivors'],
];

/** The draft with every kind of everything chosen once. */
function kindsOf(base: Draft): Draft[] {
  return fieldGroups(base)
    .flatMap((group) => group.fields)
    .flatMap((field) =>
      field.input === 'kind'
        ? Object.values(field.starters).map((starter) =>
            withKind(base, field.path.replace(/\.[^.]+$/, ''), starter, field.path.replace(/^.*\./, '')),
          )
        : [],
    );
}

/** Paths of all that a schema can hold; lists and records are leaves. */
function leaves(schema: z.core.$ZodType, path = ''): string[] {
  if (schema instanceof z.ZodMiniDefault || schema instanceof z.ZodMiniOptional) {
    return leaves(schema.def.innerType, path);
  }
  if (schema instanceof z.ZodMiniObject) {
    return Object.entries(schema.shape).flatMap(([key, inner]) =>
      leaves(inner as z.core.$ZodType, path ? `${path}.${key}` : key),
    );
  }
  if (schema instanceof z.ZodMiniDiscriminatedUnion) {
    return [...new Set(schema.def.options.flatMap((option) => leaves(option, path)))];
  }
  return path === 'manifestVersion' ? [] : [path];
}
