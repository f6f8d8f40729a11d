/** An update as integers of a ring: what is masked and what is not are alike. */
import type { RandomWords } from '@tributary/compression';
import {
  type AdditiveUpdate,
  additiveFrame,
  additivePieces,
  parameterShapes,
  type TaskManifest,
} from '@tributary/fl-core';
import { breathe } from '../data/breathe.ts';
import type { LocalUpdate } from './local-update.ts';

/** From the cryptographic generator of the platform: who could foresee the rounding would know more of the update. */
const random: RandomWords = {
  fill: (words) => void globalThis.crypto.getRandomValues(words),
};

export async function ringUpdate(
  { modelDelta, exampleCount, evaluation }: LocalUpdate,
  manifest: TaskManifest,
): Promise<AdditiveUpdate> {
  const shapes = parameterShapes(manifest.model);
  const options = { manifest, shapes, exampleCount, evaluation, random };
  const pieces = additivePieces(modelDelta.values, options);
  for (;;) {
    const step = pieces.next();
    if (step.done) return step.value;
    await breathe();
  }
}

/** Masked or not. */
export function ringFrame(update: AdditiveUpdate, manifest: TaskManifest): Uint8Array {
  return additiveFrame(update, { manifest, shapes: parameterShapes(manifest.model) });
}
