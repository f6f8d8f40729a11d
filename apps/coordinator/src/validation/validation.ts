/** Measures a model on the run's public validation set, if it has one, on a thread of its own. */
import {
  type BlobHash,
  baseModelOf,
  type ExampleSet,
  type RunId,
  type TaskManifest,
} from '@tributary/fl-core';
import { builtWorker, openThread } from '../threads/thread.ts';
import type { ValidationAnswer, ValidationQuestion } from './validation-worker.ts';

/** Where a run's public validation examples come from; null when it has none. Asked once per run. */
export type ValidationSets = (runId: RunId, manifest: TaskManifest) => Promise<ExampleSet | null>;

export interface ValidationRequest {
  readonly runId: RunId;
  readonly manifest: TaskManifest;
  readonly modelHash: BlobHash;
  /** Gives a model as a tensor frame; asked only when there is a set to measure it on. */
  readonly readFrame: (hash: BlobHash) => Promise<Uint8Array>;
}

export interface Validation {
  evaluate(request: ValidationRequest): Promise<ValidationAnswer | null>;
  close(): Promise<void>;
}

export function workerValidation(sets: ValidationSets): Validation {
  const known = new Map<RunId, Promise<ExampleSet | null>>();
  const thread = openThread<ValidationQuestion, ValidationAnswer>(
    builtWorker('validation-worker', import.meta.url),
  );
  let isClosed = false;

  return {
    async evaluate({ runId, manifest, modelHash, readFrame }) {
      const set = known.get(runId) ?? sets(runId, manifest);
      known.set(runId, set);
      const examples = await set;
      // A round that ends while the coordinator stops must not start the worker again.
      if (!examples || isClosed) return null;
      const base = baseModelOf(manifest.model);
      return thread.ask({
        model: manifest.model,
        frame: await readFrame(modelHash),
        baseFrame: base && (await readFrame(base)),
        examples,
      });
    },
    async close() {
      isClosed = true;
      await thread.close();
    },
  };
}
