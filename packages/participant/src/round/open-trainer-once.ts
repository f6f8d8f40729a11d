import type { TaskManifest, Trainer } from '@tributary/fl-core';
import type { OpenTrainer } from '../participant-options.ts';

/** The trainer of a participant: the caller's, or one that is opened when first needed and then belongs to us. */
export interface TrainerSource {
  /** Null until there is one. */
  readonly current: Trainer | null;
  get(manifest: TaskManifest): Promise<Trainer>;
  /** The next `get` opens another; a caller's own trainer stays. For one whose worker died. */
  renew(): Promise<void>;
  dispose(): Promise<void>;
}

export function openTrainerOnce(trainer: Trainer | OpenTrainer, signal: AbortSignal): TrainerSource {
  if (typeof trainer !== 'function') {
    return { current: trainer, get: async () => trainer, renew: async () => {}, dispose: async () => {} };
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
    async renew() {
      const ended = opening;
      opening = null;
      current = null;
      await disposeOf(ended);
    },
    dispose: () => disposeOf(opening),
  };
}

async function disposeOf(opening: Promise<Trainer> | null): Promise<void> {
  const opened = await opening?.catch(() => null);
  await opened?.dispose();
}
