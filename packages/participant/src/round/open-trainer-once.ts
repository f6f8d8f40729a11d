import type { TaskManifest, Trainer } from '@tributary/fl-core';
import type { OpenTrainer } from '../participant-options.ts';

/** The trainer of a participant: the caller's, or one that is opened when first needed and then belongs to us. */
export interface TrainerSource {
  /** Null until there is one. */
  readonly current: Trainer | null;
  get(manifest: TaskManifest): Promise<Trainer>;
  dispose(): Promise<void>;
}

export function openTrainerOnce(trainer: Trainer | OpenTrainer, signal: AbortSignal): TrainerSource {
  if (typeof trainer !== 'function') {
    return { current: trainer, get: async () => trainer, dispose: async () => {} };
  }
  let opening: Promise<Trainer> | null = null;
  let current: Trainer | null = null;
  return {
    get current() {
      return current;
    },
    async get(manifest) {
      opening ??= trainer(manifest, signal);
      try {
        current = await opening;
        return current;
      } catch (error) {
        // The next round may find a backend that this one did not.
        opening = null;
        throw error;
      }
    },
    async dispose() {
      const opened = await opening?.catch(() => null);
      await opened?.dispose();
    },
  };
}
