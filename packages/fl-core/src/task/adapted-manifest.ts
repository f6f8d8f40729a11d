/** A run that goes on from a finished model by training adapters beside it. */
import { TributaryError } from '../errors.ts';
import type { BlobHash } from '../identifiers.ts';
import type { TaskManifest } from './manifest.ts';
import type { ModelSpec } from './model.ts';

export interface Adaptation {
  /** Of a model with the sizes of the manifest's. */
  readonly baseModel: BlobHash;
  readonly rank?: number;
  readonly scale?: number;
  readonly name: string;
}

/** Hu et al. 2021 find 4 to 8 enough (section 7.2). */
const USUAL_RANK = 8;
const USUAL_SCALE = 2;

export function isAdaptable(model: ModelSpec): boolean {
  return model.kind === 'char-transformer' && !model.adaptation;
}

/** @throws TributaryError `model-unsupported` when the model cannot be adapted, or is adapted already */
export function adaptedManifest(
  manifest: TaskManifest,
  { baseModel, rank = USUAL_RANK, scale = USUAL_SCALE, name }: Adaptation,
): TaskManifest {
  const { model } = manifest;
  if (model.kind !== 'char-transformer' || model.adaptation) {
    throw new TributaryError(
      'model-unsupported',
      'only a character transformer that was trained whole can be adapted',
    );
  }
  return { ...manifest, name, model: { ...model, adaptation: { kind: 'lora', rank, scale, baseModel } } };
}
