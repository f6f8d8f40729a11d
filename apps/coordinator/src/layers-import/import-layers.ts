/** A model from elsewhere as the beginning of a run, on a thread of its own that ends with the answer. */
import { type BlobHash, TributaryError } from '@tributary/fl-core';
import type { LayersModelSpec } from '@tributary/training';
import { askOnce } from '../threads/ask-once.ts';

export interface ImportedLayers {
  readonly model: LayersModelSpec;
  /** Its weights, and their hash. */
  readonly frame: Uint8Array;
  readonly hash: BlobHash;
}

/** A small file can describe layers that would keep a thread busy for days. */
const DEADLINE_MS = 120_000;

/**
 * @param zip a saved tfjs layers model: `model.json` and its weight files
 * @throws TributaryError `model-file-invalid`, `model-weights-invalid`, `model-unsupported`, `message-too-large`
 */
export function importLayers(
  zip: Uint8Array,
  { deadlineMs = DEADLINE_MS }: { readonly deadlineMs?: number } = {},
): Promise<ImportedLayers> {
  const missed = new TributaryError(
    'model-unsupported',
    `reading this model and training it one step took more than ${deadlineMs / 1000} seconds`,
  );
  return askOnce({ name: 'layers-import-worker', importer: import.meta.url }, zip, {
    deadline: { ms: deadlineMs, missed },
  });
}
