/** The evaluation of a dense model, and its predictions, as a sequence of chunks. */
import { type EvaluateRequest, type Evaluation, modelClasses, type Predictions } from '@tributary/fl-core';
import { checkEvaluateRequest } from '../check-request.ts';
import { createEvaluationTally } from '../evaluation-tally.ts';
import { createPredictionRows } from '../prediction-rows.ts';
import type { CreateDenseEngine } from './engine.ts';
import { requireDense } from './require-dense.ts';

const CHUNK = 512;

/** Yields after each chunk of examples. */
export function* denseEvaluationSteps(
  request: EvaluateRequest,
  createEngine: CreateDenseEngine,
): Generator<void, Evaluation> {
  const tally = createEvaluationTally(modelClasses(request.model), { confusion: true });
  for (const { logits, labels } of logitChunks(request, createEngine)) {
    tally.add(logits, labels);
    yield;
  }
  return tally.result(request.examples.count);
}

/** Yields after each chunk of examples. */
export function* densePredictionSteps(
  request: EvaluateRequest,
  createEngine: CreateDenseEngine,
): Generator<void, Predictions> {
  const rows = createPredictionRows(modelClasses(request.model), request.examples.labels.length);
  for (const { logits } of logitChunks(request, createEngine)) {
    rows.add(logits);
    yield;
  }
  return rows.result();
}

/** Logits are valid until the next chunk. */
function* logitChunks(
  request: EvaluateRequest,
  createEngine: CreateDenseEngine,
): Generator<{ readonly logits: Float32Array; readonly labels: Int32Array }> {
  const model = requireDense(request.model);
  const { examples, parameters } = request;
  checkEvaluateRequest(request);
  const engine = createEngine({ model, optimiser: { kind: 'sgd', learningRate: 1 }, batchSize: CHUNK });
  engine.load(parameters.values, []);
  for (let from = 0; from < examples.count; from += CHUNK) {
    const count = Math.min(CHUNK, examples.count - from);
    const logits = engine.predict(examples, from, count);
    yield { logits, labels: examples.labels.subarray(from, from + count) };
  }
}
