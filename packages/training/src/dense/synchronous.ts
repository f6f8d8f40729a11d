/** Training and evaluation without an event loop: what the simulator calls thousands of times. */
import {
  type EvaluateRequest,
  type Evaluation,
  modelClasses,
  type TrainingCheckpoint,
  type TrainRequest,
} from '@tributary/fl-core';
import { checkExamples, checkParameters } from '../check-request.ts';
import { createEvaluationTally } from '../evaluation-tally.ts';
import type { CreateDenseEngine } from './engine.ts';
import { lendEngines } from './engine-lending.ts';
import { type DenseOutcome, denseTrainingSteps, requireDense } from './training-steps.ts';

const EVALUATION_CHUNK = 512;

/** Trains to the end on the calling thread. @throws TributaryError as `Trainer.train` does */
export function trainDenseSync(
  request: TrainRequest,
  options: { readonly onCheckpoint?: (checkpoint: TrainingCheckpoint) => void } = {},
): DenseOutcome {
  const engines = lendEngines();
  try {
    const steps = denseTrainingSteps(request, engines.create, options.onCheckpoint);
    for (;;) {
      const next = steps.next();
      if (next.done) return next.value;
    }
  } finally {
    engines.giveBack();
  }
}

/** @throws TributaryError `model-unsupported`, `data-invalid` */
export function evaluateDenseSync(request: EvaluateRequest): Evaluation {
  const engines = lendEngines();
  try {
    const steps = denseEvaluationSteps(request, engines.create);
    for (;;) {
      const next = steps.next();
      if (next.done) return next.value;
    }
  } finally {
    engines.giveBack();
  }
}

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
