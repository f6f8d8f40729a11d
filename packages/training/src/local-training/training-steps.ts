/** Local training as a sequence of batches, on any engine. */
import type {
  EvaluateRequest,
  LocalTraining,
  TrainingCheckpoint,
  TrainRequest,
  TrainResult,
} from '@tributary/fl-core';
import { batchesOf, examplesOfRound, orderOfEpoch } from '../batch-order.ts';
import { checkFinite, checkTrainRequest, diverged } from '../check-request.ts';
import type { Engine } from '../network/engine.ts';
import type { EngineKind } from '../network/engine-kind.ts';
import { createReadPace, type ReadPace } from '../read-pace.ts';
import { engineForTraining, type MemoryBudget, requireBuiltIn } from './engine-choice.ts';
import type { EngineLending } from './engine-lending.ts';
import { evaluationSteps } from './evaluation-steps.ts';
import { type Steps, settled } from './pause.ts';

export type TrainOutcome = Omit<TrainResult, 'seconds'>;

/** Where a training runs. */
export interface EngineRoom extends MemoryBudget {
  readonly kind: EngineKind;
  readonly engines: EngineLending;
}

const NOTHING_FROZEN = new Float32Array(0);

/** @throws TributaryError `training-diverged`, `model-unsupported`, `data-invalid` */
export function* trainingSteps(
  request: TrainRequest,
  room: EngineRoom,
  onCheckpoint?: (checkpoint: TrainingCheckpoint) => void,
): Steps<TrainOutcome> {
  const { examples, training, seed, initial, frozen, resumeFrom } = request;
  const model = requireBuiltIn(request.model);
  checkTrainRequest(request);
  const wish = engineForTraining(room.kind, model, training, room);
  const engine = yield* settled(room.engines.borrow(wish));
  engine.load(
    resumeFrom?.parameters ?? initial.values,
    resumeFrom?.optimiserState ?? [],
    frozen?.values ?? NOTHING_FROZEN,
  );

  const examplesUsed = examplesOfRound(examples.count, training, seed);
  const pace = paceOf(room.kind);
  let stepsDone = resumeFrom?.stepsDone ?? 0;
  let meanLoss = Number.NaN;
  for (let epoch = resumeFrom?.epochsDone ?? 0; epoch < training.epochs; epoch += 1) {
    const order = orderOfEpoch(examplesUsed, seed, epoch);
    const lossSum = yield* epochSteps({ engine, request, order, epoch, stepsDone, pace });
    stepsDone += stepsPerEpoch(order, training);
    meanLoss = lossSum / examplesUsed.length;
    if (onCheckpoint) onCheckpoint(yield* checkpointOf(engine, epoch + 1, stepsDone));
  }

  const values = yield* settled(engine.parameters());
  checkFinite(values);
  const parameters = { shapes: initial.shapes, values };
  // A checkpoint after the last epoch left nothing to train, so nothing has measured the loss.
  if (Number.isNaN(meanLoss)) meanLoss = yield* lossOf({ ...request, parameters }, room);
  return { parameters, examplesTrained: examplesUsed.length, meanLoss };
}

/** @returns cross-entropy summed over the examples of the epoch */
function* epochSteps(work: {
  readonly engine: Engine;
  readonly request: TrainRequest;
  readonly order: Int32Array;
  readonly epoch: number;
  readonly stepsDone: number;
  readonly pace: ReadPace;
}): Steps<number> {
  const { engine, request, order, epoch, pace } = work;
  let step = work.stepsDone;
  let epochLoss = 0;
  let unread = 0;
  let trained = 0;
  for (const batch of batchesOf(order, request.training.batchSize)) {
    step += 1;
    engine.step(request.examples, batch, step);
    unread += batch.length;
    trained += batch.length;
    if (!pace.due() && trained < order.length) continue;
    const lossSum = yield* settled(engine.takeLoss());
    pace.hasRead();
    if (!Number.isFinite(lossSum)) throw diverged();
    epochLoss += lossSum;
    yield { kind: 'trained', epoch, examples: unread, lossSum };
    unread = 0;
  }
  return epochLoss;
}

function stepsPerEpoch(order: Int32Array, { batchSize }: LocalTraining): number {
  return Math.ceil(order.length / batchSize);
}

function paceOf({ runsOn }: EngineKind): ReadPace {
  return runsOn === 'gpu' ? createReadPace() : { due: () => true, hasRead() {} };
}

function* checkpointOf(engine: Engine, epochsDone: number, stepsDone: number): Steps<TrainingCheckpoint> {
  const parameters = yield* settled(engine.parameters());
  const optimiserState = yield* settled(engine.optimiserState());
  return { epochsDone, stepsDone, parameters, optimiserState };
}

function* lossOf(request: EvaluateRequest, room: EngineRoom): Steps<number> {
  return (yield* evaluationSteps(request, room)).loss;
}
