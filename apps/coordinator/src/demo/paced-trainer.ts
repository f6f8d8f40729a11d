/** Makes a trainer as slow as a phone, so that a person can watch: the work is done at once, its end comes later. */
import { setTimeout as pause } from 'node:timers/promises';
import { type StopSignal, type Trainer, type TrainResult, TributaryError } from '@tributary/fl-core';

const STEPS = 5;

/** @param seconds how long every local training takes */
export function pacedTrainer(trainer: Trainer, seconds: number): Trainer {
  return {
    ...trainer,
    get backend() {
      return trainer.backend;
    },
    async train(request, options = {}): Promise<TrainResult> {
      const { onProgress, ...quietly } = options;
      const result = await trainer.train(request, quietly);
      const { epochs } = request.training;
      const examplesTotal = result.examplesTrained;
      for (let step = 1; step <= STEPS; step += 1) {
        await pause((1000 * seconds) / STEPS);
        throwIfStopped(options.signal);
        onProgress?.({
          epoch: Math.min(epochs, Math.ceil((step * epochs) / STEPS)),
          epochs,
          examplesDone: Math.floor((step * examplesTotal) / STEPS),
          examplesTotal,
          loss: result.meanLoss,
          examplesPerSecond: examplesTotal / seconds,
        });
      }
      return { ...result, seconds };
    },
  };
}

function throwIfStopped(signal: StopSignal | undefined): void {
  if (signal?.aborted) throw new TributaryError('training-stopped', 'training was stopped');
}
