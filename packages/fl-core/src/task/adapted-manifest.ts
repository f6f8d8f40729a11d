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
  /** Both factors, if it says nothing. */
  readonly trains?: 'both' | 'b';
  readonly name: string;
}

/** Hu et al. 2021 find ranks of 4 to 8 enough (section 7.2). */
export const USUAL_ADAPTATION = { rank: 8, scale: 2 } as const;

export function isAdaptable(model: ModelSpec): boolean {
  return model.kind === 'char-transformer' && !model.adaptation;
}

/** @throws TributaryError `model-unsupported` when the model cannot be adapted, or is adapted already */
export function adaptedManifest(
  manifest: TaskManifest,
  { baseModel, rank, scale, trains, name }: Adaptation,
): TaskManifest {
  const { model } = manifest;
  if (model.kind !== 'char-transformer' || model.adaptation) {
    throw new TributaryError(
      'model-unsupported',
      'only a character transformer that was trained whole can be adapted',
    );
  }
  const adaptation = {
    kind: 'lora' as const,
    rank: rank ?? USUAL_ADAPTATION.rank,
    scale: scale ?? USUAL_ADAPTATION.scale,
    baseModel,
    ...(trains && { trains }),
  };
  // What the run began with has other sizes than its adapters.
  const { initialModel: _begun, ...rest } = manifest;
  return { ...rest, name, model: { ...model, adaptation } };
}
