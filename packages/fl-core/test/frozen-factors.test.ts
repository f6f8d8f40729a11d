/** Adapters of which B alone trains (FFA-LoRA, Sun et al. 2024). */
import {
  baseShapes,
  frozenParameters,
  frozenShapes,
  frozenTensors,
  initialParameters,
  type ModelSpec,
  mergedModel,
  type ParameterSet,
  parameterShapes,
  parameterTensors,
  tensorViews,
  wholeAdapters,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';

const BASE = {
  kind: 'char-transformer',
  vocabularySize: 5,
  sequenceLength: 4,
  width: 4,
  heads: 2,
  blocks: 2,
} as const satisfies ModelSpec;
const LORA = { kind: 'lora', rank: 2, scale: 0.5, baseModel: 'ab'.repeat(32) } as const;
const BOTH: ModelSpec = { ...BASE, adaptation: LORA };
const ONE: ModelSpec = { ...BASE, adaptation: { ...LORA, trains: 'b' } };
const base = initialParameters(BASE, 'base');

describe('adapters with one frozen factor', () => {
  it('have B alone among the parameters of the shared model, which begins at zero', () => {
    const names = parameterTensors(ONE).map(({ name }) => name);
    expect(names).toEqual(
      [1, 2].flatMap((block) => [`block${block}.attention.up`, `block${block}.projection.up`]),
    );
    expect(initialParameters(ONE, 'any').values.every((value) => value === 0)).toBe(true);
    // A third of what travels is gone.
    expect(initialParameters(ONE, 'any').values.length).toBe(
      (initialParameters(BOTH, 'any').values.length * 2) / 3,
    );
  });

  it('keep the base and A, drawn from the hash of the base alike on every device', () => {
    const frozen = frozenParameters(ONE, base);
    expect(frozen.shapes).toEqual(frozenShapes(ONE));
    expect(frozen.values.subarray(0, base.values.length)).toEqual(base.values);
    const drawn = frozen.values.subarray(base.values.length);
    expect(drawn.length).toBe(4 * 4 * 2);
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(frozenParameters(ONE, base)).toEqual(frozen);
    const other: ModelSpec = { ...BASE, adaptation: { ...LORA, baseModel: 'cd'.repeat(32), trains: 'b' } };
    expect(frozenParameters(other, base).values).not.toEqual(frozen.values);
    expect(baseShapes(ONE)).toEqual(parameterShapes(BASE));
  });

  it('become adapters as others know them, A and B in order', () => {
    const trained = moved(initialParameters(ONE, 'b'));
    const { model, parameters } = wholeAdapters(ONE, trained);
    expect(model).toEqual(BOTH);
    expect(parameters.shapes).toEqual(parameterShapes(BOTH));
    const frozen = named(frozenTensors(ONE)!, frozenParameters(ONE, base));
    const up = named(parameterTensors(ONE), trained);
    for (const [name, values] of named(parameterTensors(BOTH), parameters))
      expect(values, name).toEqual(frozen.get(name) ?? up.get(name));
  });

  it('average exactly: the mean of merged models is the merged mean', () => {
    const [first, second] = [moved(initialParameters(ONE, 'a'), 1), moved(initialParameters(ONE, 'a'), 2)];
    const mean = { ...first, values: first.values.map((value, i) => (value + second.values[i]!) / 2) };
    const [m1, m2] = [first, second].map((trained) => mergedModel(ONE, trained, base).parameters.values);
    const merged = mergedModel(ONE, mean, base);
    expect(merged.model).toEqual(BASE);
    expect(merged.parameters.shapes).toEqual(parameterShapes(BASE));
    merged.parameters.values.forEach((value, i) => {
      expect(Math.abs(value - (m1![i]! + m2![i]!) / 2)).toBeLessThan(1e-6);
    });
    expect(merged.parameters.values).not.toEqual(base.values);
  });

  it('are left as they are when both factors train', () => {
    expect(frozenParameters(BOTH, base)).toBe(base);
    expect(frozenParameters({ ...BASE, adaptation: { ...LORA, trains: 'both' } }, base)).toBe(base);
    const adapters = initialParameters(BOTH, 'a');
    expect(wholeAdapters(BOTH, adapters).parameters).toBe(adapters);
  });
});

function moved(parameters: ParameterSet, by = 1): ParameterSet {
  return { ...parameters, values: parameters.values.map((value, i) => value + Math.sin(by * (i + 1))) };
}

function named(
  tensors: readonly { readonly name: string }[],
  parameters: ParameterSet,
): Map<string, Float32Array> {
  return new Map(tensorViews(parameters).map((view, i) => [tensors[i]!.name, view]));
}
