/** An adapted model with its adapters merged in, on a thread of its own: of a large one that is seconds of products. */
import type { MergedModel, ModelSpec } from '@tributary/fl-core';
import { askOnce } from '../threads/ask-once.ts';

/** Frames that are proven whole. */
export interface AdaptedModel {
  readonly model: ModelSpec;
  readonly adapters: Uint8Array;
  readonly base: Uint8Array;
}

/** Takes both frames away: each lies in a buffer of its own, and copying a large one takes a while, too. */
export function mergeAdapters(adapted: AdaptedModel): Promise<MergedModel> {
  const transfer = [adapted.adapters, adapted.base].map(({ buffer }) => buffer as ArrayBuffer);
  return askOnce({ name: 'merge-adapters-worker', importer: import.meta.url }, adapted, { transfer });
}
