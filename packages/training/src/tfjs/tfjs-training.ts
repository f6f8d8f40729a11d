/** Local training on the tfjs backend that is set. */
import * as tf from '@tensorflow/tfjs-core';
import {
  type AnyTrainRequest,
  modelClasses,
  type ParameterSet,
  type TrainOptions,
  type TrainResult,
  TributaryError,
} from '@tributary/fl-core';
import { checkFinite, checkTrainRequest, diverged } from '../check-request.ts';
import { createProgressMeter } from '../progress-meter.ts';
import { createReadPace } from '../read-pace.ts';
import { throwIfStopped, unlessStopped, yieldToEvents } from '../stopping.ts';
import { batchesOfRound, type RoundBatch, type RoundBatches } from '../streaming/round-batches.ts';
import { sampleOf } from '../streaming/sample-of.ts';
import { createWorkRests } from '../work-rests.ts';
import { type BuiltModel, buildModel } from './build-model.ts';
import { loadVariables, readVariables } from './flat-parameters.ts';
import { gather } from './gather.ts';
import { oneHot } from './one-hot.ts';
import { createTensorOptimiser, type TensorOptimiser } from './optimiser.ts';
import { evaluateWithTfjs } from './tfjs-evaluation.ts';

/** @throws TributaryError as `Trainer.train` does */
export async function trainWithTfjs(
  request: AnyTrainRequest,
  options: TrainOptions = {},
): Promise<TrainResult> {
  checkTrainRequest(request);
  if (request.training.exampleClipping) {
    throw new TributaryError('model-unsupported', 'tfjs does not clip the gradients of single examples');
  }
  throwIfStopped(options.signal);
  const startedAt = performance.now();
  const { training, initial, resumeFrom } = request;
  const batches = batchesOfRound(request);
  const model = await buildModel(request.model);
  const optimiser = createTensorOptimiser(
    training.optimiser,
    model.variables,
    resumeFrom?.optimiserState ?? [],
  );
  try {
    loadVariables(model.variables, resumeFrom?.parameters ?? initial.values);
    const { meanLoss, ...trained } = await runEpochs({ request, options, model, optimiser, batches });
    const values = await readVariables(model.variables);
    checkFinite(values);
    const parameters = { shapes: initial.shapes, values };
    return {
      parameters,
      ...trained,
      // A checkpoint after the last epoch left nothing to train, so nothing has measured the loss.
      meanLoss: Number.isNaN(meanLoss) ? await lossOf(request, parameters) : meanLoss,
      seconds: (performance.now() - startedAt) / 1000,
      ...(training.precision === 'mixed' && {
        precisionPassedOver: { name: 'mixed', reason: 'tfjs trains in float32 only' },
      }),
    };
  } finally {
    batches.stop();
    optimiser.dispose();
    model.dispose();
  }
}

async function lossOf(request: AnyTrainRequest, parameters: ParameterSet): Promise<number> {
  const examples = await sampleOf(request.examples);
  return (await evaluateWithTfjs({ model: request.model, parameters, examples })).loss;
}

async function runEpochs(run: {
  readonly request: AnyTrainRequest;
  readonly options: TrainOptions;
  readonly model: BuiltModel;
  readonly optimiser: TensorOptimiser;
  readonly batches: RoundBatches;
}): Promise<Pick<TrainResult, 'examplesTrained' | 'meanEcho' | 'meanLoss'>> {
  const { request, options, model, optimiser, batches } = run;
  const { training, resumeFrom } = request;
  const epochsDone = resumeFrom?.epochsDone ?? 0;
  let stepsDone = resumeFrom?.stepsDone ?? 0;
  let meanLoss = Number.NaN;
  const meter = createProgressMeter({
    epochs: training.epochs,
    epochsDone,
    examplesPerEpoch: batches.examplesUsed,
    onProgress: options.onProgress ?? (() => {}),
  });
  const pace = createReadPace();
  let checkpointAt = performance.now();
  const rests = createWorkRests(options.workLimit, options.signal);
  let restedAt = performance.now();

  for (let epoch = epochsDone; epoch < training.epochs; epoch += 1) {
    const lossOnDevice = createLossSum();
    const ofEpoch = batches.epoch(epoch);
    try {
      let epochLoss = 0;
      let unread = 0;
      let finished = 0;
      let trained = 0;
      const next = () => unlessStopped(Promise.resolve(ofEpoch.next()), options.signal);
      for (let batch = await next(); batch || unread > 0; batch = batch && (await next())) {
        if (batch) {
          stepsDone += 1;
          lossOnDevice.add(trainBatch({ request, model, optimiser, batch, step: stepsDone }));
          unread += batch.indices.length;
          finished += batch.finished;
          if (!pace.due()) continue;
        }
        const lossSum = await lossOnDevice.take();
        pace.hasRead();
        if (!Number.isFinite(lossSum)) throw diverged();
        epochLoss += lossSum;
        trained += unread;
        meter.add({ epoch, examples: unread, finished, lossSum });
        unread = 0;
        finished = 0;
        const busyMs = performance.now() - restedAt;
        await yieldToEvents();
        await rests.restAfter(busyMs);
        throwIfStopped(options.signal);
        restedAt = performance.now();
      }
      meanLoss = epochLoss / trained;
    } finally {
      lossOnDevice.dispose();
    }
    if (!options.onCheckpoint || performance.now() - checkpointAt < (options.checkpointEveryMs ?? 0))
      continue;
    options.onCheckpoint({
      epochsDone: epoch + 1,
      stepsDone,
      parameters: await readVariables(model.variables),
      optimiserState: await optimiser.state(),
    });
    checkpointAt = performance.now();
  }
  const { examplesUsed: examplesTrained, meanEcho } = batches;
  return { examplesTrained, meanLoss, ...(meanEcho !== null && { meanEcho }) };
}

/** One optimiser step. Returns the loss summed over the batch, still on the device; the caller disposes it. */
function trainBatch(work: {
  readonly request: AnyTrainRequest;
  readonly model: BuiltModel;
  readonly optimiser: TensorOptimiser;
  readonly batch: RoundBatch;
  readonly step: number;
}): tf.Scalar {
  const { request, model, optimiser, batch, step } = work;
  return tf.tidy(() => {
    const count = batch.indices.length;
    const { inputs, labels } = gather(batch.examples, batch.indices);
    const targets = oneHot(labels, modelClasses(request.model));
    const { value, grads } = tf.variableGrads(
      () => crossEntropy(model.logits(inputs, count, step), targets),
      [...model.variables],
    );
    optimiser.apply(
      model.variables.map((variable) => grads[variable.name] ?? tf.zerosLike(variable)),
      step,
    );
    return tf.mul(value, count) as tf.Scalar;
  });
}

/** Mean over all labels, in nats. */
function crossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), -1)));
}

/** A running sum that stays on the device until it is taken. */
function createLossSum() {
  let sum: tf.Scalar = tf.scalar(0);
  const replace = (next: tf.Scalar): void => {
    sum.dispose();
    sum = next;
  };
  return {
    add(loss: tf.Scalar): void {
      replace(tf.add(sum, loss));
      loss.dispose();
    },
    async take(): Promise<number> {
      const [total] = await sum.data();
      replace(tf.scalar(0));
      return total;
    },
    dispose: (): void => sum.dispose(),
  };
}
