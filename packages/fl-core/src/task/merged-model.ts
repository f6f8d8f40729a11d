/** An adapted model without its adapters: what its base becomes, so that others can load it as any other model. */
import { type ParameterSet, tensorSize } from '../parameters.ts';
import { wholeAdapters } from './frozen-factors.ts';
import type { ModelSpec } from './model.ts';
import { baseTensors, type ParameterTensor, parameterTensors } from './parameter-tensors.ts';

export interface MergedModel {
  /** The same sizes without adaptation. */
  readonly model: ModelSpec;
  readonly parameters: ParameterSet;
}

/**
 * Each adapted kernel becomes W + scale A B (Hu et al. 2021, section 4.1, transposed, because rows are examples here).
 * Products are summed in double precision. The caller owns the result.
 */
export function mergedModel(model: ModelSpec, trained: ParameterSet, base: ParameterSet): MergedModel {
  const tensors = baseTensors(model);
  if (model.kind !== 'char-transformer' || !model.adaptation || !tensors) {
    throw new Error(`a ${model.kind} model without adaptation has nothing to merge`);
  }
  const { adaptation, ...merged } = model;
  const values = base.values.slice();
  const kernels = placesOf(tensors);
  const { model: adapted, parameters: adapters } = wholeAdapters(model, trained);
  const parts = placesOf(parameterTensors(adapted));
  for (const [name, down] of parts) {
    if (!name.endsWith('.down')) continue;
    const layer = name.slice(0, -'.down'.length);
    const up = parts.get(`${layer}.up`)!;
    const kernel = kernels.get(`${layer}.kernel`)!;
    const [rows, rank] = down.shape as [number, number];
    const columns = up.shape[1]!;
    for (let row = 0; row < rows; row += 1) {
      // A whole row at a time: columns of B lie far apart.
      const products = new Float64Array(columns);
      for (let k = 0; k < rank; k += 1) {
        const left = adapters.values[down.offset + row * rank + k]!;
        const right = up.offset + k * columns;
        for (let column = 0; column < columns; column += 1)
          products[column]! += left * adapters.values[right + column]!;
      }
      for (let column = 0; column < columns; column += 1)
        values[kernel.offset + row * columns + column]! += adaptation.scale * products[column]!;
    }
  }
  return { model: merged, parameters: { shapes: tensors.map(({ shape }) => shape), values } };
}

type Place = Pick<ParameterTensor, 'shape'> & { readonly offset: number };

function placesOf(tensors: readonly ParameterTensor[]): ReadonlyMap<string, Place> {
  let offset = 0;
  return new Map(
    tensors.map(({ name, shape }) => {
      const place = { shape, offset };
      offset += tensorSize(shape);
      return [name, place];
    }),
  );
}
