import type { ModelSpec, Trainer } from '@tributary/fl-core';
import { type BackendChoice, openBestTrainer } from './backends/choose-backend.ts';
import type { LocalTrainerPorts } from './backends/trainer-ports.ts';

export interface TrainerOptions extends BackendChoice {
  /** The model that the trainer must be able to train: backends are tested with it. */
  readonly model: ModelSpec;
}

/**
 * The best trainer for this model on the calling thread. Pages and servers reach it through a worker:
 * `createWorkerTrainer` in a browser, `createNodeTrainer` in Node.
 * @throws TributaryError `backend-unavailable`, `model-unsupported`
 */
export function createTrainer(
  { model, ...choice }: TrainerOptions,
  ports: LocalTrainerPorts = {},
): Promise<Trainer> {
  return openBestTrainer(model, choice, ports);
}
