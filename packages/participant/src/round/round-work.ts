/** The slow effects of a round. Each resolves to the event that answers it, or to null when it was stopped. */
import {
  type Announcement,
  type BlobHash,
  bitsOfCodedFrame,
  type ClientMessage,
  type Evaluation,
  errorCodeOf,
  type ParticipationEffect,
  type ParticipationState,
  parameterShapes,
  type RunId,
  roundCode,
  type TaskManifest,
  type TrainingProgress,
  TributaryError,
  type WorkLimit,
} from '@tributary/fl-core';
import { SecAggError, type SecAggErrorCode } from '@tributary/privacy';
import type { UpdateEncoder } from '../encoding/update-encoder.ts';
import type { Happening } from '../happening.ts';
import { hashOf, readFrame } from '../hashing.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { ParticipantEvents } from '../participant-events.ts';
import type { Clock } from '../ports/clock.ts';
import type { ParticipantStorage, StoredUpdate } from '../ports/participant-storage.ts';
import type { PrivateData } from '../ports/private-data.ts';
import { type SecureSumPolicy, USUAL_POLICY } from '../secure-sum/policy.ts';
import type { RoundSum } from '../secure-sum/round-sum.ts';
import {
  type ArrivedSoFar,
  askWhatArrived,
  downloadModel,
  type Upload,
  type UploadOutcome,
  uploadUpdate,
} from '../transport/bulk-transfer.ts';
import { Unreachable } from '../transport/reaching.ts';
import type { Emitter } from '../typed-emitter.ts';
import { openBaseModel } from './base-model.ts';
import { openLinkSpeed } from './link-speed.ts';
import type { LocalUpdate } from './local-update.ts';
import type { TrainerSource } from './open-trainer-once.ts';
import { evaluateOn, trainLocally } from './train-locally.ts';
import { createWorkSlot } from './work-slot.ts';

export interface RoundWorkOptions {
  readonly coordinatorUrl: string;
  readonly runId: RunId;
  readonly data: PrivateData;
  readonly storage: ParticipantStorage;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  readonly trainer: TrainerSource;
  readonly encoder: UpdateEncoder;
  readonly workLimit?: WorkLimit;
  readonly secureSum?: SecureSumPolicy;
  readonly ledger: Ledger;
  readonly state: () => ParticipationState;
  readonly send: (message: ClientMessage) => void;
  readonly emit: Emitter<ParticipantEvents>['emit'];
  readonly reportFault: (error: unknown) => void;
}

type Effect<Type extends ParticipationEffect['type']> = Extract<ParticipationEffect, { type: Type }>;
type Activity = ParticipationState['activity'];

export interface RoundWork {
  download(effect: Effect<'download'>): Promise<Happening | null>;
  train(effect: Effect<'train'>): Promise<Happening | null>;
  /** A step of the secure sum. */
  sum(effect: SumEffect): Promise<Happening | null>;
  upload(effect: Effect<'upload'>): Promise<Happening | null>;
  /** Measures the model of a finished run on the person's held-out examples. */
  evaluateFinal(ended: Extract<Activity, { phase: 'ended' }>): void;
  /** Stops work that belongs to an activity which is over. */
  keepPace(activity: Activity): void;
  stop(): void;
  /** Erases what is secret of a round that is over; of any, without a number. */
  forgetSecrets(roundNumber?: number): void;
}

/** The steps of the secure sum, in their order. */
type SumEffect = Effect<'offerKeys' | 'shareSecrets' | 'maskUpdate' | 'confirmSurvivors' | 'revealShares'>;

const PROGRESS_EVERY_MS = 1000;
const MAXIMUM_LOSS = 1e6;
const MAXIMUM_SPEED = 1e9;

export function createRoundWork(options: RoundWorkOptions): RoundWork {
  const { runId, storage, data, trainer, encoder, ledger, emit, reportFault } = options;
  const slot = createWorkSlot();
  const link = openLinkSpeed(options.clock);
  /** With secure aggregation: what was trained, in memory only, until the keys of its sum are offered. */
  let trained: { readonly roundNumber: number; readonly update: LocalUpdate } | null = null;
  /** One session for a round, from the moment that its keys are asked for. */
  let session: { readonly roundNumber: number; readonly opened: Promise<RoundSum> } | null = null;
  const baseModel = openBaseModel({
    storage,
    download: (hash, signal) => requestModel(hash, roundOf(options.state().activity), signal),
  });

  return {
    async download({ modelHash }) {
      const outcome = await begin((signal) => fetchModel(modelHash, signal));
      if (outcome.kind === 'stopped') return null;
      if (outcome.kind === 'done') return { type: 'modelDownloaded', modelHash };
      reportFault(outcome.error);
      return { type: 'downloadFailed', modelHash };
    },

    async train({ roundNumber, modelHash }) {
      const outcome = await begin((signal) => train(roundNumber, modelHash, signal));
      if (outcome.kind === 'stopped') return null;
      if (outcome.kind === 'done')
        return { type: 'trainingFinished', roundNumber, announcement: outcome.value };
      reportFault(outcome.error);
      const code = errorCodeOf(outcome.error);
      if (code === 'backend-unavailable') await trainer.renew();
      return { type: 'trainingFailed', roundNumber, code };
    },

    async sum(effect) {
      const { roundNumber } = effect.type === 'offerKeys' ? effect : effect.message;
      const outcome = await begin(() => sumStep(effect, roundNumber));
      if (outcome.kind === 'stopped') return null;
      if (outcome.kind === 'done') return outcome.value;
      const { error } = outcome;
      if (error instanceof SecAggError) await tellRefusal(roundNumber, error.code);
      else reportFault(error);
      return { type: 'secureSumFailed', roundNumber, code: errorCodeOf(error) };
    },

    async upload({ roundNumber, uploadTicket }) {
      const outcome = await begin((signal) => upload(roundNumber, uploadTicket, signal));
      if (outcome.kind === 'stopped') return null;
      const answer = outcome.kind === 'done' ? outcome.value : outcome;
      if (answer.kind === 'accepted') return { type: 'uploadFinished', roundNumber };
      reportFault(answer.error);
      if (answer.kind === 'lost') return { type: 'updateLost', roundNumber };
      return { type: 'uploadFailed', roundNumber, refused: answer.kind === 'refused' };
    },

    evaluateFinal(ended) {
      void begin((signal) => evaluateFinal(ended.modelHash, signal)).then((outcome) => {
        if (outcome.kind === 'failed') reportFault(outcome.error);
      });
    },

    keepPace: (activity) => slot.keepOnly(nameOf(activity)),
    stop: () => slot.stop(),
    forgetSecrets(roundNumber) {
      if (trained && (roundNumber ?? trained.roundNumber) === trained.roundNumber) {
        trained.update.modelDelta.values.fill(0);
        trained = null;
      }
      if (session && (roundNumber ?? session.roundNumber) === session.roundNumber) {
        // Also one that is still being opened.
        session.opened.then(
          (sum) => sum.erase(),
          () => {},
        );
        session = null;
      }
    },
  };

  async function sumStep(effect: SumEffect, roundNumber: number): Promise<Happening> {
    if (effect.type === 'offerKeys') {
      const sum = await sumOf(effect);
      return { type: 'keysOffered', roundNumber, bytes: await sum.offerKeys() };
    }
    if (session?.roundNumber !== roundNumber) {
      throw new SecAggError('secagg-state-lost', 'the secrets of this sum are no longer on this device');
    }
    const roundSum = await session.opened;
    switch (effect.type) {
      case 'shareSecrets':
        return { type: 'secretsShared', roundNumber, bytes: await roundSum.shareSecrets(effect.message) };
      case 'maskUpdate':
        return { type: 'updateMasked', roundNumber, announcement: await roundSum.maskUpdate(effect.message) };
      case 'confirmSurvivors':
        return {
          type: 'survivorsConfirmed',
          roundNumber,
          signature: await roundSum.confirmSurvivors(effect.message),
        };
      case 'revealShares':
        return { type: 'sharesRevealed', roundNumber, bytes: await roundSum.revealShares(effect.message) };
    }
  }

  async function tellRefusal(roundNumber: number, code: SecAggErrorCode): Promise<void> {
    const sum = session?.roundNumber === roundNumber ? await session.opened.catch(() => null) : null;
    const stage = code === 'secagg-state-lost' ? 'lost' : 'refused';
    emit('secureSum', { roundNumber, group: sum?.group() ?? null, stage, code });
  }

  /** Who is asked again for its keys, also while they are made, offers the same ones. */
  async function sumOf(asked: Effect<'offerKeys'>): Promise<RoundSum> {
    const { roundNumber } = asked;
    if (session?.roundNumber === roundNumber) return session.opened;
    if (trained?.roundNumber !== roundNumber) {
      throw new SecAggError('secagg-state-lost', 'what was trained is no longer on this device');
    }
    const { update } = trained;
    trained = null;
    session = { roundNumber, opened: openSum(asked, update) };
    return session.opened;
  }

  async function openSum(
    { roundNumber, modelHash, modelLog }: Effect<'offerKeys'>,
    update: LocalUpdate,
  ): Promise<RoundSum> {
    const { clientId, encoding } = options.state();
    try {
      if (!clientId) throw new TributaryError('not-checked-in', 'keys were asked for before admission');
      // Only who takes part in a secure sum loads its code.
      const { openRoundSum } = await import('../secure-sum/round-sum.ts');
      return await openRoundSum({
        ...{ runId, clientId, roundNumber, modelHash, modelLog, encoding, update, encoder, storage },
        manifest: manifestOf(),
        policy: options.secureSum ?? USUAL_POLICY,
        report: (report) => emit('secureSum', report),
      });
    } catch (error) {
      update.modelDelta.values.fill(0);
      throw error;
    }
  }

  function begin<T>(work: (signal: AbortSignal) => Promise<T>) {
    return slot.begin(nameOf(options.state().activity), work);
  }

  async function fetchModel(modelHash: BlobHash, signal: AbortSignal): Promise<void> {
    await baseModel.frozen(manifestOf().model, signal);
    if (await storage.loadModel(runId, modelHash)) return;
    const roundNumber = roundOf(options.state().activity);
    emit('progress', { stage: 'downloading', fraction: 0 });
    const frame = await requestSharedModel(modelHash, roundNumber, signal);
    await readFrame(frame, parameterShapes(manifestOf().model));
    signal.throwIfAborted();
    if (roundNumber !== null) await storage.saveModel({ runId, roundNumber, modelHash, frame });
    emit('progress', { stage: 'downloading', fraction: 1 });
  }

  /** Coded where the run's models are; whole when they are not, or when the coded one does not come or is not the model. */
  async function requestSharedModel(
    modelHash: BlobHash,
    roundNumber: number | null,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const { downlink } = manifestOf();
    const coded = downlink.codec === 'float32' ? null : await requestCoded(modelHash, roundNumber, signal);
    return coded ?? requestModel(modelHash, roundNumber, signal);
  }

  async function requestCoded(modelHash: BlobHash, roundNumber: number | null, signal: AbortSignal) {
    const payload = new Uint8Array();
    try {
      // Only who takes part in a run with coded models loads its code.
      const { downloadCodedModel } = await import('../transport/coded-download.ts');
      const held = await storage.heldModel(runId);
      return await downloadCodedModel({
        ...{ modelHash, held, link },
        forgetHeld: () => storage.forgetModel(runId),
        shapes: parameterShapes(manifestOf().model),
        record: (subject) => ledger.record({ kind: 'request', subject, payload, roundNumber }),
        bulk: { ...options, signal },
      });
    } catch (error) {
      // What makes coded models may fail for long, and the whole one is there.
      if (signal.aborted || error instanceof Unreachable || errorCodeOf(error) === 'ledger-unwritable')
        throw error;
      reportFault(error);
      return null;
    }
  }

  async function requestModel(modelHash: BlobHash, roundNumber: number | null, signal: AbortSignal) {
    const payload = new Uint8Array();
    await ledger.record({ kind: 'request', subject: 'model-request', payload, roundNumber });
    return link.time(
      'down',
      (frame) => frame.length,
      () => downloadModel(modelHash, { ...options, signal }),
    );
  }

  async function train(
    roundNumber: number,
    modelHash: BlobHash,
    signal: AbortSignal,
  ): Promise<Announcement | null> {
    const manifest = manifestOf();
    const stored = await storage.loadUpdate(runId, roundNumber);
    if (stored && !isSecure()) return announcementOf(stored);
    const { clientId, encoding } = options.state();
    if (!clientId) throw new TributaryError('not-checked-in', 'training was asked for before admission');
    const update = await trainLocally({
      ...{ runId, clientId, roundNumber, modelHash, manifest, data, storage, signal },
      trainer: await trainer.get(manifest),
      frozen: await baseModel.frozen(manifest.model, signal),
      ...(options.workLimit && { workLimit: options.workLimit }),
      onProgress: progressTeller(roundNumber),
      onEvaluation: (moment, evaluation) => tellEvaluation({ moment, roundNumber, modelHash, evaluation }),
      onFault: reportFault,
    });
    if (isSecure()) {
      trained = { roundNumber, update };
      return null;
    }
    const { frame, pending } = await encoder.frame(update, {
      ...{ manifest, roundNumber, clientId },
      round: roundCode({ runId, roundNumber, modelHash, encoding }),
      memory: await storage.loadMemory(runId),
      bytesPerSecond: link.bytesPerSecond(),
    });
    const ready = {
      runId,
      roundNumber,
      updateHash: await hashOf(frame),
      exampleCount: update.exampleCount,
      frame,
    };
    signal.throwIfAborted();
    await storage.saveUpdate(ready, pending);
    return announcementOf(ready);
  }

  /** The page hears of every batch; the coordinator once a second. */
  function progressTeller(roundNumber: number): (training: TrainingProgress) => void {
    let toldAt = Number.NEGATIVE_INFINITY;
    return (training) => {
      const fraction = clamp(training.examplesDone / training.examplesTotal, 1);
      emit('progress', { stage: 'training', roundNumber, fraction, training });
      const now = options.clock.now();
      if (now - toldAt < PROGRESS_EVERY_MS) return;
      toldAt = now;
      // How fast a device is says something about it; with secure aggregation nothing is said that need not be.
      const speed = { examplesPerSecond: clamp(training.examplesPerSecond, MAXIMUM_SPEED) };
      options.send({ type: 'progress', roundNumber, fraction, ...(!isSecure() && speed) });
    };
  }

  function tellEvaluation(told: {
    moment: 'before' | 'after';
    roundNumber: number;
    modelHash: BlobHash;
    evaluation: Evaluation;
  }): void {
    emit('evaluation', told);
    // With secure aggregation it goes into the sum.
    if (told.moment === 'after' || isSecure()) return;
    const { exampleCount, accuracy, loss } = told.evaluation;
    const { roundNumber, modelHash } = told;
    const boundedLoss = clamp(Number.isNaN(loss) ? MAXIMUM_LOSS : loss, MAXIMUM_LOSS);
    options.send({ type: 'evaluated', roundNumber, modelHash, exampleCount, accuracy, loss: boundedLoss });
  }

  async function upload(
    roundNumber: number,
    uploadTicket: string,
    signal: AbortSignal,
  ): Promise<UploadOutcome | { readonly kind: 'lost'; readonly error: TributaryError }> {
    const update = await storage.loadUpdate(runId, roundNumber);
    if (!update) {
      const error = new TributaryError('blob-missing', 'the update to upload is no longer on this device');
      return { kind: 'lost', error };
    }
    const { frame, updateHash } = update;
    const upload = { frame, updateHash, uploadTicket };
    let arrived: ArrivedSoFar;
    try {
      arrived = await whatArrived(upload, roundNumber, signal);
      if (arrived.kind !== 'arrived') return arrived;
      const payload = frame.subarray(arrived.bytes);
      const whole = isSecure() ? 'masked-update' : 'update';
      const subject = arrived.bytes === 0 ? whole : (`rest-of-${whole}` as const);
      const bits = bitsOfCodedFrame(frame);
      await ledger.record({
        ...{ kind: 'upload', subject, payload, roundNumber },
        ...(bits !== null && { bits }),
      });
    } catch (error) {
      if (errorCodeOf(error) === 'ledger-unwritable') return { kind: 'refused', error };
      throw error;
    }
    signal.throwIfAborted();
    emit('progress', { stage: 'uploading', roundNumber, fraction: arrived.bytes / frame.length });
    const outcome = await link.time(
      'up',
      () => frame.length - arrived.bytes,
      () => uploadUpdate(upload, arrived.bytes, { ...options, signal }),
    );
    if (outcome.kind === 'accepted') emit('progress', { stage: 'uploading', roundNumber, fraction: 1 });
    return outcome;
  }

  /** What was sent before, also before a reload, may have arrived in part. */
  async function whatArrived(
    upload: Upload,
    roundNumber: number,
    signal: AbortSignal,
  ): Promise<ArrivedSoFar> {
    if (!(await storage.sentPayload(upload.updateHash))) return { kind: 'arrived', bytes: 0 };
    const payload = new Uint8Array();
    await ledger.record({ kind: 'request', subject: 'upload-question', payload, roundNumber });
    return askWhatArrived(upload, { ...options, signal });
  }

  async function evaluateFinal(modelHash: BlobHash, signal: AbortSignal): Promise<void> {
    const manifest = manifestOf();
    const frame = await requestSharedModel(modelHash, null, signal);
    const parameters = await readFrame(frame, parameterShapes(manifest.model));
    const frozen = await baseModel.frozen(manifest.model, signal);
    const evaluation = await evaluateOn(
      await data.heldOutExamples(),
      { manifest, signal, frozen, trainer: await trainer.get(manifest) },
      parameters,
    );
    if (evaluation && !signal.aborted)
      emit('evaluation', { moment: 'final', roundNumber: null, modelHash, evaluation });
  }

  function isSecure(): boolean {
    return manifestOf().secureAggregation.mode !== 'off';
  }

  function manifestOf(): TaskManifest {
    const { manifest } = options.state();
    if (!manifest) throw new TributaryError('not-checked-in', 'the task is not known before admission');
    return manifest;
  }
}

function announcementOf({ exampleCount, updateHash, frame }: StoredUpdate): Announcement {
  return { exampleCount, updateHash, updateBytes: frame.length };
}

function nameOf(activity: Activity): string {
  return `${activity.phase}/${roundOf(activity)}`;
}

function roundOf(activity: Activity): number | null {
  return 'roundNumber' in activity ? activity.roundNumber : null;
}

/** Into [0, maximum]; what is not a number becomes 0. */
function clamp(value: number, maximum: number): number {
  return value > 0 ? Math.min(value, maximum) : 0;
}
