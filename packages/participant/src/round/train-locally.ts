/**
 * A round on this device: measure the model, train it, measure again, and take the difference. The order `train -> model
 * delta -> clip -> check` is fixed; what becomes of it then depends on the run.
 */
import {
  type BlobHash,
  type ClientId,
  type Evaluation,
  type ExampleSet,
  isAdditive,
  modelDelta as modelDeltaOf,
  type ParameterSet,
  parameterShapes,
  type RunId,
  type TaskManifest,
  type Trainer,
  type TrainingProgress,
  TributaryError,
  type WorkLimit,
} from '@tributary/fl-core';
import { fitToModel } from '../data/fit-to-model.ts';
import { readFrame } from '../hashing.ts';
import type { ParticipantStorage } from '../ports/participant-storage.ts';
import type { PrivateData } from '../ports/private-data.ts';
import type { LocalUpdate } from './local-update.ts';
import { protectDelta } from './protect-delta.ts';

export interface LocalRound {
  readonly runId: RunId;
  readonly clientId: ClientId;
  readonly roundNumber: number;
  readonly modelHash: BlobHash;
  readonly manifest: TaskManifest;
  readonly trainer: Trainer;
  /** The base model of an adapted one. */
  readonly frozen: ParameterSet | null;
  readonly data: PrivateData;
  readonly storage: ParticipantStorage;
  readonly signal: AbortSignal;
  readonly workLimit?: WorkLimit;
  readonly onProgress: (progress: TrainingProgress) => void;
  readonly onEvaluation: (moment: 'before' | 'after', evaluation: Evaluation) => void;
  /** Something failed that the round can do without. */
  readonly onFault: (error: unknown) => void;
}

/** A tab that is killed loses at most so much work, and one epoch; storing more often would cost more than that. */
const CHECKPOINT_EVERY_MS = 1000;

/** Goes on from a stored checkpoint of this round, if any. */
export async function trainLocally(round: LocalRound): Promise<LocalUpdate> {
  const { runId, roundNumber, modelHash, manifest, trainer, frozen, data, storage, signal } = round;
  const initial = await loadModel(round);
  const examples = fitToModel(await data.trainingExamples(), manifest);
  const heldOut = await heldOutExamples(round);
  const checkpoint = await storage.loadCheckpoint({ runId, roundNumber, modelHash });
  // Where the figures travel in the update, a tab that was reloaded needs them again.
  const isNeeded = !checkpoint || isAdditive(manifest.compression);
  const evaluation = isNeeded ? await evaluate(round, heldOut, 'before', initial) : null;
  signal.throwIfAborted();

  const trained = await trainer.train(
    {
      model: manifest.model,
      initial,
      ...(frozen && { frozen }),
      examples,
      training: manifest.training,
      seed: `${manifest.seed}/${round.clientId}/${roundNumber}`,
      ...(checkpoint && { resumeFrom: checkpoint.checkpoint }),
    },
    {
      signal,
      ...(round.workLimit && { workLimit: round.workLimit }),
      onProgress: round.onProgress,
      checkpointEveryMs: CHECKPOINT_EVERY_MS,
      onCheckpoint: (reached) => {
        storage.saveCheckpoint({ runId, roundNumber, modelHash, checkpoint: reached }).catch(round.onFault);
      },
    },
  );
  signal.throwIfAborted();
  await evaluate(round, heldOut, 'after', trained.parameters);

  const modelDelta = protectDelta(modelDeltaOf(trained.parameters, initial), manifest);
  const exampleCount = Math.min(examples.count, manifest.training.maximumExamples);
  signal.throwIfAborted();
  return { modelDelta, exampleCount, evaluation };
}

async function loadModel({ storage, runId, modelHash, manifest }: LocalRound): Promise<ParameterSet> {
  const model = await storage.loadModel(runId, modelHash);
  if (!model) throw new TributaryError('blob-missing', 'the downloaded model is no longer on this device');
  return readFrame(model.frame, parameterShapes(manifest.model));
}

/** Own held-out examples tell the person how the model does; a round does not fail for want of that. */
async function heldOutExamples(round: LocalRound): Promise<ExampleSet | null> {
  try {
    return await round.data.heldOutExamples();
  } catch (error) {
    round.onFault(error);
    return null;
  }
}

async function evaluate(
  round: LocalRound,
  heldOut: ExampleSet | null,
  moment: 'before' | 'after',
  parameters: ParameterSet,
): Promise<Evaluation | null> {
  try {
    const evaluation = await evaluateOn(heldOut, round, parameters);
    if (evaluation) round.onEvaluation(moment, evaluation);
    return evaluation;
  } catch (error) {
    if (!round.signal.aborted) round.onFault(error);
    return null;
  }
}

/** Null when nothing is held out. */
export async function evaluateOn(
  heldOut: ExampleSet | null,
  { manifest, trainer, frozen, signal }: Pick<LocalRound, 'manifest' | 'trainer' | 'frozen' | 'signal'>,
  parameters: ParameterSet,
): Promise<Evaluation | null> {
  if (!heldOut || heldOut.count === 0) return null;
  const examples = fitToModel(heldOut, manifest);
  const { model } = manifest;
  return trainer.evaluate({ model, parameters, ...(frozen && { frozen }), examples }, { signal });
}
