/** An adapted model with its adapters merged in, on a thread of its own: of a large one that is seconds of products. */
import type { MergedModel, ModelSpec, ParameterSet } from '@tributary/fl-core';
import { askOnce } from '../threads/ask-once.ts';

export interface AdaptedParameters {
  readonly model: ModelSpec;
  readonly adapters: ParameterSet;
  readonly frozen: ParameterSet;
}

export const mergeAdapters = (adapted: AdaptedParameters): Promise<MergedModel> =>
  askOnce({ name: 'merge-adapters-worker', importer: import.meta.url }, adapted);
