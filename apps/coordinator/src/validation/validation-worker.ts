/** The thread on which public validation examples meet a model: tfjs must never run on the coordinator's own. */
import { parentPort } from 'node:worker_threads';
import {
  decodeFrame,
  type ExampleSet,
  type ModelSpec,
  parameterShapes,
  type Trainer,
} from '@tributary/fl-core';
import { nativeSha256 } from '../native-sha256.ts';

export interface ValidationQuestion {
  readonly id: number;
  readonly model: ModelSpec;
  readonly frame: Uint8Array;
  readonly examples: ExampleSet;
}
export type ValidationAnswer =
  | { readonly id: number; readonly ok: true; readonly accuracy: number; readonly loss: number }
  | { readonly id: number; readonly ok: false; readonly message: string };

/** Dense models have a trainer of their own, which starts in no time; the others need tfjs. */
async function trainerFor(model: ModelSpec): Promise<Trainer> {
  if (model.kind === 'softmax-regression' || model.kind === 'mlp') {
    return (await import('@tributary/training/dense')).createDenseTrainer();
  }
  throw new Error(`no trainer on this thread for a ${model.kind} model yet`);
}

async function answer({ id, model, frame, examples }: ValidationQuestion): Promise<ValidationAnswer> {
  try {
    const parameters = decodeFrame(frame, { sha256: nativeSha256, expectedShapes: parameterShapes(model) });
    const trainer = await trainerFor(model);
    try {
      const { accuracy, loss } = await trainer.evaluate({ model, parameters, examples });
      return { id, ok: true, accuracy, loss };
    } finally {
      await trainer.dispose();
    }
  } catch (error) {
    return { id, ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

let turn: Promise<unknown> = Promise.resolve();
parentPort?.on('message', (question: ValidationQuestion) => {
  turn = turn.then(async () => parentPort?.postMessage(await answer(question)));
});
