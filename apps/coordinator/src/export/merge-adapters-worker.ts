/** Merges one adapted model. */
import { baseShapes, type MergedModel, mergedModel, parameterShapes } from '@tributary/fl-core';
import { answerQuestions } from '../threads/answering.ts';
import type { AdaptedModel } from './merge-adapters.ts';
import { provenParameters } from './proven-parameters.ts';

answerQuestions<AdaptedModel, MergedModel>(({ model, adapters, base }) => {
  const answer = mergedModel(
    model,
    provenParameters(adapters, parameterShapes(model)),
    provenParameters(base, baseShapes(model) ?? []),
  );
  return { answer, transfer: [answer.parameters.values.buffer as ArrayBuffer] };
});
