/** A model from elsewhere as the beginning of a run, on a thread of its own that ends with the answer. */
import type { BlobHash } from '@tributary/fl-core';
import type { LayersModelSpec } from '@tributary/training';
import { askOnce } from '../threads/ask-once.ts';

export interface ImportedLayers {
  readonly model: LayersModelSpec;
  /** Its weights, and their hash. */
  readonly frame: Uint8Array;
  readonly hash: BlobHash;
}

/**
 * @param zip a saved tfjs layers model: `model.json` and its weight files
 * @throws TributaryError `model-file-invalid`, `model-weights-invalid`, `model-unsupported`, `message-too-large`
 */
export function importLayers(zip: Uint8Array): Promise<ImportedLayers> {
  return askOnce({ name: 'layers-import-worker', importer: import.meta.url }, zip);
}
