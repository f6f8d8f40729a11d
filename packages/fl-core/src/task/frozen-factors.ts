/**
 * Adapters of which one factor stays as it was drawn (FFA-LoRA, Sun et al. 2024): it does not travel, because the hash of the
 * base model draws the same one on every device.
 */
import { type ParameterSet, parameterCount, tensorViews } from '../parameters.ts';
import { initialParameters } from './initial-parameters.ts';
import type { ModelSpec } from './model.ts';
import { frozenTensors, parameterTensors } from './parameter-tensors.ts';

/** What trainers call `frozen`: the base, and behind it the factors that do not train. The base itself when all do. */
export function frozenParameters(model: ModelSpec, base: ParameterSet): ParameterSet {
  const drawn = drawnFactors(model);
  if (drawn === null) return base;
  const shapes = frozenTensors(model)!.map(({ shape }) => shape);
  const values = new Float32Array(parameterCount(shapes));
  values.set(base.values);
  let offset = base.values.length;
  for (const factor of drawn.values()) {
    values.set(factor, offset);
    offset += factor.length;
  }
  return { shapes, values };
}

export interface WholeAdapters {
  /** The same, with both factors among the parameters. */
  readonly model: ModelSpec;
  readonly parameters: ParameterSet;
}

/** Adapters as they are known elsewhere, with both factors; as they came when both were trained. */
export function wholeAdapters(model: ModelSpec, trained: ParameterSet): WholeAdapters {
  const drawn = drawnFactors(model);
  if (drawn === null) return { model, parameters: trained };
  const whole = withBothTrained(model);
  const tensors = parameterTensors(whole);
  const shapes = tensors.map(({ shape }) => shape);
  const parameters = { shapes, values: new Float32Array(parameterCount(shapes)) };
  const parts = new Map([...namedViews(model, trained), ...drawn]);
  tensorViews(parameters).forEach((view, index) => {
    view.set(parts.get(tensors[index]!.name)!);
  });
  return { model: whole, parameters };
}

/** By name, in the order of `frozenTensors`; null when both factors train, or there are none. */
function drawnFactors(model: ModelSpec): ReadonlyMap<string, Float32Array> | null {
  if (model.kind !== 'char-transformer' || model.adaptation?.trains !== 'b') return null;
  const whole = withBothTrained(model);
  const trained = new Set(parameterTensors(model).map(({ name }) => name));
  const all = namedViews(whole, initialParameters(whole, model.adaptation.baseModel));
  return new Map([...all].filter(([name]) => !trained.has(name)));
}

function withBothTrained(model: ModelSpec): ModelSpec {
  if (model.kind !== 'char-transformer' || !model.adaptation) return model;
  const { trains: _one, ...adaptation } = model.adaptation;
  return { ...model, adaptation };
}

function namedViews(model: ModelSpec, parameters: ParameterSet): Map<string, Float32Array> {
  const tensors = parameterTensors(model);
  return new Map(tensorViews(parameters).map((view, index) => [tensors[index]!.name, view]));
}
