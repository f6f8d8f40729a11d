/** A model from elsewhere as the beginning of a run, on a thread of its own that ends with the answer. */
import type { BlobHash } from '@tributary/fl-core';
import type { LayersModelSpec } from '@tributary/training';
import { builtWorker, openThread } from '../threads/thread.ts';

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
export async function importLayers(zip: Uint8Array): Promise<ImportedLayers> {
  const thread = openThread<Uint8Array, ImportedLayers>(
    builtWorker('layers-import-worker', import.meta.url),
    { isReplaced: false },
  );
  try {
    return await thread.ask(zip);
  } finally {
    await thread.close();
  }
}
