/** The evaluation of a model, and its predictions, as a sequence of chunks, on any engine. */
import {
  type EvaluateRequest,
  type Evaluation,
  isCharacterModel,
  modelClasses,
  type Predictions,
} from '@tributary/fl-core';
import { checkEvaluateRequest } from '../check-request.ts';
import { createEvaluationTally } from '../evaluation-tally.ts';
import { createPredictionRows } from '../prediction-rows.ts';
import { engineForEvaluation, requireBuiltIn } from './engine-choice.ts';
import { type Steps, settled } from './pause.ts';
import type { EngineRoom } from './training-steps.ts';

/** @throws TributaryError `model-unsupported`, `data-invalid` */
export function* evaluationSteps(request: EvaluateRequest, room: EngineRoom): Steps<Evaluation> {
  const { model, examples } = request;
  const tally = createEvaluationTally(modelClasses(model), { confusion: !isCharacterModel(model) });
  yield* eachChunk(request, room, (logits, labels) => tally.add(logits, labels));
  return tally.result(examples.count);
}

/** @throws TributaryError `model-unsupported`, `data-invalid` */
export function* predictionSteps(request: EvaluateRequest, room: EngineRoom): Steps<Predictions> {
  const { model, examples } = request;
  const rows = createPredictionRows(modelClasses(model), examples.labels.length);
  yield* eachChunk(request, room, (logits) => rows.add(logits));
  return rows.result();
}

/** Logits are valid during the visit only. */
function* eachChunk(
  request: EvaluateRequest,
  room: EngineRoom,
  visit: (logits: Float32Array, labels: Int32Array) => void,
): Steps<void> {
  const { examples, parameters, frozen } = request;
  const model = requireBuiltIn(request.model);
  checkEvaluateRequest(request);
  const wish = engineForEvaluation(room.kind, model, room);
  const engine = yield* settled(room.engines.borrow(wish));
  engine.load(parameters.values, [], frozen?.values ?? new Float32Array(0));
  const { labelsPerExample } = examples;
  for (let from = 0; from < examples.count; from += wish.batchSize) {
    const count = Math.min(wish.batchSize, examples.count - from);
    const logits = yield* settled(engine.predict(examples, from, count));
    visit(logits, examples.labels.subarray(from * labelsPerExample, (from + count) * labelsPerExample));
    yield { kind: 'evaluated' };
  }
}
