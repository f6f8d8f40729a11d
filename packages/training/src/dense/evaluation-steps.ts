/** The evaluation of a dense model as a sequence of chunks. */
import { type EvaluateRequest, type Evaluation, modelClasses } from '@tributary/fl-core';
import { checkExamples, checkParameters } from '../check-request.ts';
import { createEvaluationTally } from '../evaluation-tally.ts';
import type { CreateDenseEngine } from './engine.ts';
import { requireDense } from './require-dense.ts';

const EVALUATION_CHUNK = 512;

/** Yields after each chunk of examples. */
export function* denseEvaluationSteps(
  request: EvaluateRequest,
  createEngine: CreateDenseEngine,
): Generator<void, Evaluation> {
  const model = requireDense(request.model);
  const { examples, parameters } = request;
  checkExamples(model, examples);
  checkParameters(model, parameters);
  const engine = createEngine({
    model,
    optimiser: { kind: 'sgd', learningRate: 1 },
    batchSize: EVALUATION_CHUNK,
  });
  engine.load(parameters.values, []);
  const tally = createEvaluationTally(modelClasses(model), { confusion: true });
  for (let from = 0; from < examples.count; from += EVALUATION_CHUNK) {
    const count = Math.min(EVALUATION_CHUNK, examples.count - from);
    tally.add(engine.predict(examples, from, count), examples.labels.subarray(from, from + count));
    yield;
  }
  return tally.result(examples.count);
}
