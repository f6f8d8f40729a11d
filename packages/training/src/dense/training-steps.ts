/** The local training of a dense model as a sequence of batches: whoever drives it decides when to rest. */
import type { EvaluateRequest, TrainingCheckpoint, TrainRequest, TrainResult } from '@tributary/fl-core';
import { batchesOf, examplesOfRound, orderOfEpoch } from '../batch-order.ts';
import { checkFinite, checkTrainRequest, diverged } from '../check-request.ts';
import type { CreateDenseEngine, DenseEngine } from './engine.ts';
import { denseEvaluationSteps } from './evaluation-steps.ts';
import { requireDense } from './require-dense.ts';

/** One finished batch. */
export interface DenseStep {
  readonly epoch: number;
  readonly examples: number;
  readonly lossSum: number;
}

export type DenseOutcome = Omit<TrainResult, 'seconds'>;

/** @throws TributaryError `training-diverged`, `model-unsupported`, `data-invalid` */
export function* denseTrainingSteps(
  request: TrainRequest,
  createEngine: CreateDenseEngine,
  onCheckpoint?: (checkpoint: TrainingCheckpoint) => void,
): Generator<DenseStep, DenseOutcome> {
  const { examples, training, seed, initial, resumeFrom } = request;
  const model = requireDense(request.model);
  checkTrainRequest(request);
  const engine = createEngine({ model, optimiser: training.optimiser, batchSize: training.batchSize });
  engine.load(resumeFrom?.parameters ?? initial.values, resumeFrom?.optimiserState ?? []);

  const examplesUsed = examplesOfRound(examples.count, training, seed);
  let stepsDone = resumeFrom?.stepsDone ?? 0;
  let meanLoss = Number.NaN;
  for (let epoch = resumeFrom?.epochsDone ?? 0; epoch < training.epochs; epoch += 1) {
    let epochLoss = 0;
    for (const batch of batchesOf(orderOfEpoch(examplesUsed, seed, epoch), training.batchSize)) {
      stepsDone += 1;
      const lossSum = engine.step(examples, batch, stepsDone);
      if (!Number.isFinite(lossSum)) throw diverged();
      epochLoss += lossSum;
      yield { epoch, examples: batch.length, lossSum };
    }
    meanLoss = epochLoss / examplesUsed.length;
    onCheckpoint?.(checkpointOf(engine, epoch + 1, stepsDone));
  }

  const values = engine.parameters();
  checkFinite(values);
  const parameters = { shapes: initial.shapes, values };
  // A checkpoint after the last epoch left nothing to train, so nothing has measured the loss.
  if (Number.isNaN(meanLoss)) meanLoss = lossOf({ model, parameters, examples }, createEngine);
  return { parameters, examplesTrained: examplesUsed.length, meanLoss };
}

function checkpointOf(engine: DenseEngine, epochsDone: number, stepsDone: number): TrainingCheckpoint {
  return { epochsDone, stepsDone, parameters: engine.parameters(), optimiserState: engine.optimiserState() };
}

function lossOf(request: EvaluateRequest, createEngine: CreateDenseEngine): number {
  const steps = denseEvaluationSteps(request, createEngine);
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value.loss;
  }
}
