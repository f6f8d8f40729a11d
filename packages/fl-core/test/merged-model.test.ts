import {
  initialParameters,
  type ModelSpec,
  mergedModel,
  parameterShapes,
  parameterTensors,
  tensorViews,
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
const SCALE = 0.5;
const ADAPTED: ModelSpec = {
  ...BASE,
  adaptation: { kind: 'lora', rank: 2, scale: SCALE, baseModel: 'ab'.repeat(32) },
};

describe('the merged model', () => {
  it('equals the base while no adapter has been trained, because they begin as A x 0', () => {
    const frozen = initialParameters(BASE, 'base');
    const merged = mergedModel(ADAPTED, initialParameters(ADAPTED, 'adapters'), frozen);
    expect(merged.model).toEqual(BASE);
    expect(merged.parameters).toEqual(frozen);
    expect(merged.parameters.values).not.toBe(frozen.values);
  });

  it('adds scale A B to each adapted kernel, and to nothing else', () => {
    const frozen = initialParameters(BASE, 'base');
    const adapters = initialParameters(ADAPTED, 'adapters');
    adapters.values.forEach((value, index) => {
      adapters.values[index] = value + Math.sin(index);
    });
    const { parameters } = mergedModel(ADAPTED, adapters, frozen);
    expect(parameters.shapes).toEqual(parameterShapes(BASE));
    const part = (name: string) =>
      tensorViews(adapters)[parameterTensors(ADAPTED).findIndex((tensor) => tensor.name === name)]!;
    const before = tensorViews(frozen);
    const after = tensorViews(parameters);
    const adapted = parameterTensors(BASE).filter(({ name, shape }, index) => {
      const layer = name.replace(/\.kernel$/, '');
      const isAdapted = /\.(attention|projection)\.kernel$/.test(name);
      if (!isAdapted) {
        expect(after[index], name).toEqual(before[index]);
        return false;
      }
      const [down, up] = [part(`${layer}.down`), part(`${layer}.up`)];
      const [rows, columns] = shape as [number, number];
      for (let row = 0; row < rows; row += 1) {
        for (let column = 0; column < columns; column += 1) {
          const product = down[row * 2]! * up[column]! + down[row * 2 + 1]! * up[columns + column]!;
          const at = row * columns + column;
          expect(after[index]![at], `${name}[${row}, ${column}]`).toBeCloseTo(
            before[index]![at]! + SCALE * product,
            6,
          );
        }
      }
      return true;
    });
    expect(adapted).toHaveLength(2 * BASE.blocks);
  });

  it('cannot be asked of a model without adaptation', () => {
    const parameters = initialParameters(BASE, 'base');
    expect(() => mergedModel(BASE, parameters, parameters)).toThrow('nothing to merge');
  });
});
