/** The newest shared model, tried on the examples that this person holds out. Nothing of it is sent. */
import {
  type BlobHash,
  type ExampleSet,
  type JoinInfo,
  type ParameterSet,
  type Trainer,
  type TrainingProgress,
  TributaryError,
} from '@tributary/fl-core';
import {
  fetchJoinInfo,
  fetchSharedModel,
  fitToModel,
  type LedgerEntry,
  type ParticipantStorage,
  type PrivateData,
} from '@tributary/participant';
import { preferredBackend } from '../backend-preference.ts';
import { openWorkerTrainer } from '../open-trainer.ts';
import { deviceWorkLimit } from '../work-limit.ts';
import { type Judgement, judge } from './judgement.ts';

export interface TrialOptions {
  readonly ticket: string;
  readonly join: JoinInfo;
  readonly storage: ParticipantStorage;
  readonly data: PrivateData;
  readonly onLedgerEntry: (entry: LedgerEntry) => void;
  readonly signal: AbortSignal;
}

export interface Trial {
  readonly modelHash: BlobHash;
  /** Committed rounds that are in this model. */
  readonly rounds: number;
  readonly heldOut: ExampleSet;
  readonly shared: Judgement;
  /** Trains the model on the other examples of this person, as a round would, and judges it again. */
  trainHere(signal: AbortSignal, onProgress: (progress: TrainingProgress) => void): Promise<Judgement>;
}

/** @throws TributaryError `data-missing` when nothing is held out, and whatever download and training may throw */
export async function openTrial(options: TrialOptions): Promise<Trial> {
  const { ticket, join, storage, data, onLedgerEntry, signal } = options;
  const { runId, manifest } = join;
  const { model } = manifest;
  const held = await data.heldOutExamples();
  if (!held) throw new TributaryError('data-missing', 'no example is held out');
  const heldOut = fitToModel(held, manifest);

  const coordinatorUrl = location.origin;
  const newest = await fetchJoinInfo({ coordinatorUrl, ticket, storage, signal, onLedgerEntry });
  const { modelHash, committedRounds: rounds } = newest;
  const { parameters, ...base } = await fetchSharedModel({
    ...{ coordinatorUrl, runId, manifest, modelHash, storage, signal, onLedgerEntry },
  });

  const shared = await withTrainer(signal, (trainer) => judged(trainer, parameters, signal));
  return {
    modelHash,
    rounds,
    heldOut,
    shared,
    trainHere: (stop, onProgress) =>
      withTrainer(stop, async (trainer) => {
        const examples = fitToModel(await data.trainingExamples(), manifest);
        const { parameters: trained } = await trainer.train(
          {
            ...{ model, initial: parameters, ...base, examples },
            ...{ training: manifest.training, seed: `trial/${modelHash}` },
          },
          { signal: stop, onProgress, workLimit: deviceWorkLimit() },
        );
        return judged(trainer, trained, stop);
      }),
  };

  async function judged(trainer: Trainer, of: ParameterSet, stop: AbortSignal): Promise<Judgement> {
    const asked = { model, parameters: of, ...base, examples: heldOut };
    return judge(await trainer.predict(asked, { signal: stop }), heldOut);
  }

  /** A worker of its own, so that a round in progress keeps its. */
  async function withTrainer<T>(stop: AbortSignal, work: (trainer: Trainer) => Promise<T>): Promise<T> {
    const preferred = preferredBackend(location.search);
    const trainer = await openWorkerTrainer(manifest, { preferred, signal: stop });
    try {
      return await work(trainer);
    } finally {
      await trainer.dispose();
    }
  }
}
