/** Measures a model on the run's public validation set, if it has one, on a thread of its own. */
import { Worker } from 'node:worker_threads';
import type { ExampleSet, RunId, TaskManifest } from '@tributary/fl-core';
import type { ValidationAnswer, ValidationQuestion } from './validation-worker.ts';

/** Where a run's public validation examples come from; null when it has none. Asked once per run. */
export type ValidationSets = (runId: RunId, manifest: TaskManifest) => Promise<ExampleSet | null>;

export interface ValidationRequest {
  readonly runId: RunId;
  readonly manifest: TaskManifest;
  /** The model as a tensor frame; the callee may keep it. */
  readonly frame: Uint8Array;
}

export interface Validation {
  evaluate(request: ValidationRequest): Promise<{ accuracy: number; loss: number } | null>;
  close(): Promise<void>;
}

export function workerValidation(sets: ValidationSets): Validation {
  const known = new Map<RunId, Promise<ExampleSet | null>>();
  const waiting = new Map<
    number,
    { resolve: (answer: { accuracy: number; loss: number }) => void; reject: (error: Error) => void }
  >();
  let worker: Worker | null = null;
  let lastId = 0;
  let isClosed = false;

  const failAll = (error: Error): void => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    worker = null;
  };
  const start = (): Worker => {
    const started = new Worker(workerFile(), { execArgv: [] });
    started.unref();
    started.on('message', (answer: ValidationAnswer) => {
      const asker = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (answer.ok) asker?.resolve({ accuracy: answer.accuracy, loss: answer.loss });
      else asker?.reject(new Error(answer.message));
    });
    started.on('error', failAll);
    started.on('exit', () => failAll(new Error('the validation worker ended')));
    return started;
  };

  return {
    async evaluate({ runId, manifest, frame }) {
      const set = known.get(runId) ?? sets(runId, manifest);
      known.set(runId, set);
      const examples = await set;
      // A round that ends while the coordinator stops must not start the worker again.
      if (!examples || isClosed) return null;
      worker ??= start();
      lastId += 1;
      const question: ValidationQuestion = { id: lastId, model: manifest.model, frame, examples };
      return new Promise((resolve, reject) => {
        waiting.set(question.id, { resolve, reject });
        worker?.postMessage(question);
      });
    },
    async close() {
      isClosed = true;
      await worker?.terminate();
    },
  };
}

/** Node 20 cannot run TypeScript: from source (under vitest) the built worker is used. */
function workerFile(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../dist/validation/validation-worker.js', import.meta.url)
    : new URL('./validation-worker.js', import.meta.url);
}
