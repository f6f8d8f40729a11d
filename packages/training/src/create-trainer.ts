import type { ModelSpec, Trainer } from '@tributary/fl-core';
import type { BackendChoice } from './backends/choose-backend.ts';
import { createDenseTrainer } from './dense/dense-trainer.ts';
import { requireDense } from './dense/require-dense.ts';

export interface TrainerOptions extends BackendChoice {
  /** The model that the trainer must be able to train: backends are tested with it. */
  readonly model: ModelSpec;
}

/**
 * The best trainer for this model on the calling thread. Pages and servers reach it through a worker:
 * `createWorkerTrainer` in a browser, `createNodeTrainer` in Node.
 * @throws TributaryError `backend-unavailable`, `model-unsupported`
 */
export async function createTrainer({ model, ...choice }: TrainerOptions): Promise<Trainer> {
  if (choice.prefer === 'plain') {
    requireDense(model);
    return createDenseTrainer();
  }
  // Imported late: whoever prefers the plain trainer never loads tfjs.
  const { chooseBackend } = await import('./backends/choose-backend.ts');
  const backend = await chooseBackend(model, choice);
  if (backend.name === 'plain') return createDenseTrainer(backend.passedOver);
  const { createTfjsTrainer } = await import('./tfjs/tfjs-trainer.ts');
  return createTfjsTrainer(backend);
}
