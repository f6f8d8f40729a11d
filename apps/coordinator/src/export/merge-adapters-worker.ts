/** Merges one adapted model. */
import { type MergedModel, mergedModel } from '@tributary/fl-core';
import { answerQuestions } from '../threads/answering.ts';
import type { AdaptedParameters } from './merge-adapters.ts';

answerQuestions<AdaptedParameters, MergedModel>(({ model, adapters, frozen }) => {
  const answer = mergedModel(model, adapters, frozen);
  return { answer, transfer: [answer.parameters.values.buffer as ArrayBuffer] };
});
