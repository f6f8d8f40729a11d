/** Training and evaluation without an event loop: what the simulator calls thousands of times. */
import type { EvaluateRequest, Evaluation, TrainingCheckpoint, TrainRequest } from '@tributary/fl-core';
import { lendEngines } from './engine-lending.ts';
import { denseEvaluationSteps } from './evaluation-steps.ts';
import { type DenseOutcome, denseTrainingSteps } from './training-steps.ts';

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
