/** The thread on which public validation examples meet a model: tfjs must never run on the coordinator's own. */
import {
  baseShapes,
  decodeFrame,
  type ExampleSet,
  frozenParameters,
  type ModelSpec,
  parameterShapes,
  type TensorShape,
  type Trainer,
} from '@tributary/fl-core';
import { createEngineTrainer, threadEngines } from '@tributary/training/local';
import { createNodeTrainer } from '@tributary/training/node';
import { nativeSha256 } from '../native-sha256.ts';
import { answerQuestions } from '../threads/answering.ts';

export interface ValidationQuestion {
  readonly model: ModelSpec;
  readonly frame: Uint8Array;
  /** Of the model that this one adapts. */
  readonly baseFrame: Uint8Array | null;
  readonly examples: ExampleSet;
}
export interface ValidationAnswer {
  readonly accuracy: number;
  readonly loss: number;
}

/** Uploaded models need tfjs, which starts when one of them is asked about. */
function trainerFor(model: ModelSpec): Promise<Trainer> | Trainer {
  return model.kind === 'layers' ? createNodeTrainer({ model }) : createEngineTrainer(threadEngines());
}

answerQuestions<ValidationQuestion, ValidationAnswer>(async ({ model, frame, baseFrame, examples }) => {
  const decode = (bytes: Uint8Array, expectedShapes: readonly TensorShape[]) =>
    decodeFrame(bytes, { sha256: nativeSha256, expectedShapes });
  const parameters = decode(frame, parameterShapes(model));
  const base = baseFrame && { frozen: frozenParameters(model, decode(baseFrame, baseShapes(model) ?? [])) };
  const trainer = await trainerFor(model);
  try {
    const { accuracy, loss } = await trainer.evaluate({ model, parameters, ...base, examples });
    return { answer: { accuracy, loss } };
  } finally {
    await trainer.dispose();
  }
});
