/** Builds one layers model with tfjs, to learn how it names its weights. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ModelSpec } from '@tributary/fl-core';
import { buildModel, createTrainer } from '@tributary/training';

export type WeightNamesAnswer =
  | { readonly ok: true; readonly names: readonly string[] }
  | { readonly ok: false; readonly message: string };

async function answer(model: ModelSpec): Promise<WeightNamesAnswer> {
  try {
    // Brings a backend, without which tfjs makes no tensors.
    await createTrainer({ model, prefer: 'cpu' });
    const built = await buildModel(model);
    return { ok: true, names: built.weightNames };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.postMessage(await answer(workerData as ModelSpec));
