/** The local training of a dense model as a sequence of batches: whoever drives it decides when to rest. */
import {
  type DenseModelSpec,
  type TrainingCheckpoint,
  type TrainRequest,
  type TrainResult,
  TributaryError,
} from '@tributary/fl-core';
import { batchesOf, examplesOfRound, orderOfEpoch } from '../batch-order.ts';
import { checkFinite, checkTrainRequest, diverged } from '../check-request.ts';
import type { CreateDenseEngine, DenseEngine } from './engine.ts';

/** One finished batch. */
export interface DenseStep {
  readonly epoch: number;
  readonly examples: number;
  readonly lossSum: number;
}

export type DenseOutcome = Omit<TrainResult, 'seconds'>;

/** @throws TributaryError `model-unsupported` */
export function requireDense(model: TrainRequest['model']): DenseModelSpec {
  if (model.kind === 'softmax-regression' || model.kind === 'mlp') return model;
  throw new TributaryError('model-unsupported', `the plain trainer trains dense models, not ${model.kind}`);
}

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
  return {
    parameters: { shapes: initial.shapes, values },
    examplesTrained: examplesUsed.length,
    meanLoss,
  };
}

function checkpointOf(engine: DenseEngine, epochsDone: number, stepsDone: number): TrainingCheckpoint {
  return { epochsDone, stepsDone, parameters: engine.parameters(), optimiserState: engine.optimiserState() };
}
