/** Builds one layers model with tfjs, to learn how it names its weights. */
import { type ModelSpec, TributaryError } from '@tributary/fl-core';
import { buildModel, createTrainer } from '@tributary/training';
import { answerQuestions } from '../threads/answering.ts';

answerQuestions<ModelSpec, readonly string[]>(async (model) => {
  try {
    // Brings a backend, without which tfjs makes no tensors.
    await createTrainer({ model, prefer: 'cpu' });
    return { answer: (await buildModel(model)).weightNames };
  } catch (error) {
    throw new TributaryError('model-unsupported', error instanceof Error ? error.message : String(error));
  }
});
