/** The `Trainer` port on tfjs. tfjs has one engine per thread, so the calls of all trainers take turns. */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendReport, Trainer } from '@tributary/fl-core';
import { evaluateWithTfjs, predictWithTfjs } from './tfjs-evaluation.ts';
import { trainWithTfjs } from './tfjs-training.ts';

let lastTurn: Promise<unknown> = Promise.resolve();

/** Runs after all earlier turns have ended, however they ended. */
function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const turn = lastTurn.then(work, work);
  lastTurn = turn.catch(() => undefined);
  return turn;
}

/** @param backend as `chooseBackend` reported it: already registered with tfjs */
export function createTfjsTrainer(backend: BackendReport): Trainer {
  const onBackend = <Result>(work: () => Promise<Result>): Promise<Result> =>
    inTurn(async () => {
      await tf.setBackend(backend.name);
      return work();
    });
  return {
    backend,
    train: (request, options) => onBackend(() => trainWithTfjs(request, options)),
    evaluate: (request, options) => onBackend(() => evaluateWithTfjs(request, options)),
    predict: (request, options) => onBackend(() => predictWithTfjs(request, options)),
    // Every call frees its tensors; the backend itself belongs to the thread and ends with it.
    dispose: () => Promise.resolve(),
  };
}
