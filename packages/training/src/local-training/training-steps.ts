/** Local training as a sequence of batches, on any engine. */
import type {
  AnyTrainRequest,
  ParameterSet,
  TrainingCheckpoint,
  TrainOptions,
  TrainResult,
} from '@tributary/fl-core';
import { checkFinite, checkTrainRequest, diverged } from '../check-request.ts';
import type { Engine } from '../network/engine.ts';
import type { EngineKind } from '../network/engine-kind.ts';
import { createReadPace, type ReadPace } from '../read-pace.ts';
import { batchesOfRound, type EpochBatches } from '../streaming/round-batches.ts';
import { sampleOf } from '../streaming/sample-of.ts';
import {
  engineForTraining,
  type MemoryBudget,
  precisionPassedOver,
  requireBuiltIn,
} from './engine-choice.ts';
import type { EngineLending } from './engine-lending.ts';
import { evaluationSteps } from './evaluation-steps.ts';
import { read, type Steps, settled } from './pause.ts';

export type TrainOutcome = Omit<TrainResult, 'seconds'>;

export type Checkpointing = Pick<TrainOptions, 'onCheckpoint' | 'checkpointEveryMs'>;

/** Where a training runs. */
export interface EngineRoom extends MemoryBudget {
  readonly kind: EngineKind;
  readonly engines: EngineLending;
}

const NOTHING_FROZEN = new Float32Array(0);

/** @throws TributaryError `training-diverged`, `model-unsupported`, `data-invalid` */
export function* trainingSteps(
  request: AnyTrainRequest,
  room: EngineRoom,
  { onCheckpoint, checkpointEveryMs = 0 }: Checkpointing = {},
): Steps<TrainOutcome> {
  const { training, initial, frozen, resumeFrom } = request;
  const model = requireBuiltIn(request.model);
  checkTrainRequest(request);
  const wish = engineForTraining(room.kind, model, training, room);
  const engine = yield* settled(room.engines.borrow(wish));
  engine.load(
    resumeFrom?.parameters ?? initial.values,
    resumeFrom?.optimiserState ?? [],
    frozen?.values ?? NOTHING_FROZEN,
  );

  const batches = batchesOfRound(request);
  const pace = paceOf(room.kind);
  let stepsDone = resumeFrom?.stepsDone ?? 0;
  let meanLoss = Number.NaN;
  let checkpointAt = performance.now();
  try {
    for (let epoch = resumeFrom?.epochsDone ?? 0; epoch < training.epochs; epoch += 1) {
      const done = yield* epochSteps({ engine, batches: batches.epoch(epoch), epoch, stepsDone, pace });
      stepsDone += done.steps;
      meanLoss = done.lossSum / done.examples;
      if (!onCheckpoint || performance.now() - checkpointAt < checkpointEveryMs) continue;
      onCheckpoint(yield* checkpointOf(engine, epoch + 1, stepsDone));
      checkpointAt = performance.now();
    }
  } finally {
    batches.stop();
  }

  const values = yield* settled(engine.parameters());
  checkFinite(values);
  const parameters = { shapes: initial.shapes, values };
  // A checkpoint after the last epoch left nothing to train, so nothing has measured the loss.
  if (Number.isNaN(meanLoss)) meanLoss = yield* lossOf(request, parameters, room);
  const { examplesUsed: examplesTrained, meanEcho } = batches;
  const passedOver = precisionPassedOver(room.kind, training);
  return {
    parameters,
    examplesTrained,
    meanLoss,
    ...(meanEcho !== null && { meanEcho }),
    ...(passedOver && { precisionPassedOver: passedOver }),
  };
}

function* epochSteps(work: {
  readonly engine: Engine;
  readonly batches: EpochBatches;
  readonly epoch: number;
  readonly stepsDone: number;
  readonly pace: ReadPace;
}): Steps<{ readonly steps: number; readonly examples: number; readonly lossSum: number }> {
  const { engine, batches, epoch, stepsDone, pace } = work;
  let steps = 0;
  let examples = 0;
  let lossSum = 0;
  let unread = 0;
  let finished = 0;
  for (;;) {
    const batch = yield* read(batches.next());
    if (batch) {
      steps += 1;
      engine.step(batch.examples, batch.indices, stepsDone + steps);
      unread += batch.indices.length;
      finished += batch.finished;
      if (!pace.due()) continue;
    }
    if (unread > 0) {
      const loss = yield* settled(engine.takeLoss());
      pace.hasRead();
      if (!Number.isFinite(loss)) throw diverged();
      lossSum += loss;
      examples += unread;
      yield { kind: 'trained', epoch, examples: unread, finished, lossSum: loss };
      unread = 0;
      finished = 0;
    }
    if (!batch) return { steps, examples, lossSum };
  }
}

function paceOf({ runsOn }: EngineKind): ReadPace {
  return runsOn === 'gpu' ? createReadPace() : { due: () => true, hasRead() {} };
}

function* checkpointOf(engine: Engine, epochsDone: number, stepsDone: number): Steps<TrainingCheckpoint> {
  const parameters = yield* settled(engine.parameters());
  const optimiserState = yield* settled(engine.optimiserState());
  return { epochsDone, stepsDone, parameters, optimiserState };
}

function* lossOf(request: AnyTrainRequest, parameters: ParameterSet, room: EngineRoom): Steps<number> {
  const { model, frozen } = request;
  const examples = yield* read(sampleOf(request.examples));
  return (yield* evaluationSteps({ model, parameters, examples, ...(frozen && { frozen }) }, room)).loss;
}
