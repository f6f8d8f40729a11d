/**
 * The runner around the run machine: takes one event at a time, steps, performs the effects in order.
 *
 * What a later effect says to anybody rests on what an earlier `persist` made durable; so a failing store halts
 * the run (nothing more is taken or acknowledged) and a restart goes on from the last durable state.
 */
import { setImmediate as immediate } from 'node:timers/promises';
import {
  type BlobHash,
  baseModelOf,
  type ClientId,
  CODABLE_BASES,
  type CommittedRound,
  type CoordinatorMessage,
  type ErrorCode,
  membersOf,
  type RoundMessage,
  type RoundState,
  type RunEffect,
  type RunEvent,
  type RunId,
  type RunState,
  roundCode,
  type Survivor,
  stepRun,
  type Tail,
  type TaskManifest,
  TributaryError,
} from '@tributary/fl-core';
import type { Logger } from 'pino';
import { type Aggregation, type PlanRules, planRules } from '../aggregation/aggregation.ts';
import type { HashedBytes, SumRules } from '../aggregation/questions.ts';
import type { Tickets } from '../auth/tickets.ts';
import type { ModelVersions } from '../downlink/model-versions.ts';
import type { Metrics } from '../metrics.ts';
import {
  type DeskMessage,
  isDeskMessage,
  openSecureSumDesk,
  type SecureSumDesk,
} from '../secure-sum/secure-sum-desk.ts';
import { emptyTally, type RoundTally, type StoredRun } from '../storage/run-store.ts';
import type { Storage } from '../storage/storage.ts';
import type { StillAwaited, UpdateStore } from '../storage/update-store.ts';
import type { Validation } from '../validation/validation.ts';
import { type Alarms, alarms } from './alarms.ts';
import type { Clock } from './clock.ts';
import type { DownloadCounts } from './download-counts.ts';
import { findRollBack } from './find-roll-back.ts';
import { acceptedUpdates, summariseRound } from './round-summary.ts';
import type { Shelf } from './shelf.ts';

/** The rest of the coordinator, as far as a run needs it. */
export interface RunSurroundings {
  readonly storage: Storage;
  readonly tickets: Tickets;
  readonly validation: Validation;
  readonly aggregation: Aggregation;
  /** The models that cohorts are downloading, proven whole. */
  readonly shelf: Shelf<BlobHash>;
  readonly downloads: DownloadCounts;
  readonly versions: ModelVersions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** To the client's connection; dropped when there is none, because a check-in answers anew. */
  send(runId: RunId, to: ClientId, message: CoordinatorMessage): void;
  /** Told of each figure on a validation set, for whoever watches without a dashboard. */
  measured?(runId: RunId, measurement: { readonly roundNumber: number; readonly accuracy: number }): void;
}

/** An event whose instant is when its turn comes. */
export type UntimedEvent = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'at'> : never) : never;

/** The event was not taken; whoever caused it is told. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

interface Arrival {
  readonly event: UntimedEvent;
  resolve(refusal: Refusal | null): void;
  reject(error: unknown): void;
}

/** An upload may need a moment longer than its round's deadline to hear that it is late. */
const TICKET_LEEWAY_SECONDS = 60;

/** About ten milliseconds in a cohort of a thousand. */
const DESK_MESSAGES_IN_A_ROW = 64;

export class RunSupervisor {
  readonly runId: RunId;
  readonly createdAt: number;
  readonly manifest: TaskManifest;
  readonly planRules: PlanRules;
  readonly updates: UpdateStore;
  /** Null in a run without secure aggregation. */
  readonly secureSum: SecureSumDesk | null;
  /** What the round in progress still needs of what was uploaded. */
  readonly awaits: StillAwaited = {
    awaitsUpdate: (hash) => this.#announcers(hash).length > 0,
    awaitsUpload: ({ clientId, updateHash }) =>
      this.#announcers(updateHash).some(
        ({ clientId: owner, stage }) => owner === clientId && (stage === 'ready' || stage === 'masked'),
      ),
  };
  readonly #around: RunSurroundings;
  readonly #log: Logger;
  readonly #alarms: Alarms;
  #state: RunState;
  #tally: RoundTally;
  #evaluators = new Set<ClientId>();
  #optimiserHash: BlobHash | null;
  /** The answer to `aggregate`, until the round is recorded with it. */
  #aggregated: { readonly modelHash: BlobHash; readonly optimiserHash: BlobHash } | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  /** Updates that wait for their turn. */
  #arrivals: Arrival[] = [];
  #deskMessages = 0;
  #background = new Set<Promise<void>>();
  #condition: 'working' | 'halted' | 'closed' = 'working';

  static async open(stored: StoredRun, around: RunSurroundings): Promise<RunSupervisor> {
    const updates = await around.storage.updatesOf(stored.runId);
    await followVersions(stored, around);
    return new RunSupervisor(stored, around, updates);
  }

  private constructor(stored: StoredRun, around: RunSurroundings, updates: UpdateStore) {
    this.runId = stored.runId;
    this.createdAt = stored.createdAt;
    this.manifest = stored.manifest;
    this.planRules = planRules(stored.manifest);
    this.updates = updates;
    this.#around = around;
    this.#log = around.log.child({ runId: stored.runId });
    this.#alarms = alarms(around.clock, () => this.#inform({ type: 'timeAdvanced' }));
    this.#state = stored.state;
    this.secureSum =
      stored.manifest.secureAggregation.mode === 'off'
        ? null
        : openSecureSumDesk({
            runId: stored.runId,
            manifest: stored.manifest,
            sealedShares: around.storage.sealedShares,
            round: () => this.#state.round,
          });
    this.#optimiserHash = stored.optimiserHash;
    this.#tally = stored.tally.roundNumber === stored.state.roundNumber ? stored.tally : emptyTally();
    this.#followDownloads();
  }

  get state(): RunState {
    return this.#state;
  }

  get isHealthy(): boolean {
    return this.#condition !== 'halted';
  }

  /** Of the round in progress. */
  get sumRules(): SumRules {
    const { round, roundNumber, modelHash } = this.#state;
    const inProgress = { runId: this.runId, roundNumber, modelHash, encoding: round?.encoding ?? null };
    return { ...this.planRules, round: roundCode(inProgress) };
  }

  /** Continues where the stored state stands: same round, same model. */
  async restart(): Promise<void> {
    await this.updates.sweep(this.awaits);
    await this.secureSum?.tidy();
    await this.secureSum?.load();
    await this.feed({ type: 'restarted' });
  }

  /**
   * Queues an event. Resolves once its effects are performed, with the refusal if it was not taken.
   * @throws TributaryError `internal` when the run has halted, `run-not-open` when the process is ending
   */
  feed(event: UntimedEvent): Promise<Refusal | null> {
    if (event.type === 'updateReceived') return this.#takeTogether(event);
    return this.#inTurn(async () => (await this.#take([event]))[0] ?? null);
  }

  /**
   * Makes the model of an earlier committed round the current one. What that was is looked up in the same turn, so
   * that no other event comes in between.
   * @throws TributaryError `conflict`, `not-found`
   */
  rollBack(toRound: number): Promise<void> {
    return this.#inTurn(async () => {
      const { modelHash, committedRounds, sum } = await findRollBack(
        this.#state,
        toRound,
        this.#around.storage.runs,
      );
      await this.#take([
        { type: 'rollBackRequested', toRound, modelHash, committedRounds, ...(sum && { sum }) },
      ]);
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const outcome = this.#turn.then(work);
    this.#turn = outcome.catch(() => {});
    return outcome;
  }

  /** Updates that arrive while others wait for their turn share it, and its one durable write. */
  #takeTogether(event: UntimedEvent): Promise<Refusal | null> {
    return new Promise((resolve, reject) => {
      this.#arrivals.push({ event, resolve, reject });
      if (this.#arrivals.length > 1) return;
      void this.#inTurn(async () => {
        const arrivals = this.#arrivals.splice(0);
        try {
          const refusals = await this.#take(arrivals.map((arrival) => arrival.event));
          arrivals.forEach((arrival, i) => void arrival.resolve(refusals[i] ?? null));
        } catch (error) {
          for (const arrival of arrivals) arrival.reject(error);
        }
      });
    });
  }

  /** Of the round in progress, accepted or not. */
  get bytesUp(): number {
    return this.#tally.bytesUp;
  }

  countUpload(bytes: number): void {
    this.#tally = { ...this.#tally, bytesUp: this.#tally.bytesUp + bytes };
  }

  countDownload(bytes: number): void {
    this.#tally = { ...this.#tally, bytesDown: this.#tally.bytesDown + bytes };
  }

  #followDownloads(): void {
    const { round } = this.#state;
    const base = baseModelOf(this.manifest.model);
    this.#around.downloads.follow(this, round ? [round.modelHash, ...(base ? [base] : [])] : []);
  }

  /** A member's report on the round's starting model; one per client and round, weighted like its update. */
  countEvaluation(
    clientId: ClientId,
    result: { modelHash: BlobHash; exampleCount: number; accuracy: number },
  ): void {
    const round = this.#state.round;
    if (!round || result.modelHash !== round.modelHash || this.#evaluators.has(clientId)) return;
    if (!membersOf(round).some((member) => member.clientId === clientId)) return;
    this.#evaluators.add(clientId);
    const weight = Math.min(result.exampleCount, this.manifest.aggregation.maximumWeight);
    this.#tally = {
      ...this.#tally,
      evaluatedWeight: this.#tally.evaluatedWeight + weight,
      evaluatedCorrect: this.#tally.evaluatedCorrect + weight * result.accuracy,
    };
  }

  /** Finishes what is queued, makes the state durable, takes nothing more. */
  async close(): Promise<void> {
    this.#alarms.clear();
    await this.#turn;
    const wasWorking = this.#condition === 'working';
    this.#condition = 'closed';
    // What was queued may have set another.
    this.#alarms.clear();
    await Promise.all(this.#background);
    if (wasWorking) await this.#persist();
  }

  /** Steps through the events, then performs all that they ask for; one write makes the state after them durable. */
  async #take(events: readonly UntimedEvent[]): Promise<(Refusal | null)[]> {
    if (this.#condition === 'closed')
      throw new TributaryError('run-not-open', 'the coordinator is shutting down');
    if (this.#condition === 'halted')
      throw new TributaryError('internal', 'this run halted after a storage fault');
    const steps = events.map((event) => {
      const before = this.#state.round;
      const { state, effects } = stepRun(this.#state, { ...event, at: this.#around.clock() } as RunEvent);
      this.#state = state;
      return { before, effects };
    });
    this.#followDownloads();
    let isDurable = false;
    try {
      const refusals: (Refusal | null)[] = [];
      for (const { before, effects } of steps) {
        let refusal: Refusal | null = null;
        for (const effect of effects) {
          if (effect.type === 'refuse') refusal = { code: effect.code, message: effect.message };
          else if (effect.type !== 'persist') await this.#perform(effect, before);
          else if (!isDurable) {
            await this.#persist();
            isDurable = true;
          }
        }
        refusals.push(refusal);
      }
      return refusals;
    } catch (error) {
      this.#condition = 'halted';
      this.#alarms.clear();
      const types = events.map(({ type }) => type).join();
      this.#log.fatal({ err: error, event: types }, 'run halted: an effect could not be performed');
      throw new TributaryError('internal', 'this run halted after a storage fault', { cause: error });
    }
  }

  async #perform(
    effect: Exclude<RunEffect, { type: 'refuse' | 'persist' }>,
    before: RoundState | null,
  ): Promise<void> {
    switch (effect.type) {
      case 'persistRoster':
        await this.#persist();
        return this.#inform(this.#rosterPersisted(effect.roundNumber));
      case 'send':
        return this.#send(effect.to, effect.message);
      case 'wakeAt':
        return this.#alarms.set(effect.at);
      case 'aggregate':
        return this.#runInBackground(() => this.#aggregate(effect.roundNumber, effect.survivors));
      case 'recordRound':
        return this.#recordRound(effect.round, before);
      case 'recordRollBack':
        return this.#recordRollBack(effect.toRound);
      case 'evaluate':
        return this.#runInBackground(() => this.#evaluate(effect.roundNumber, effect.modelHash));
      case 'runEnded':
        this.#log.info({ status: effect.status, committedRounds: this.#state.committedRounds }, 'run ended');
    }
  }

  #persist(): Promise<void> {
    return this.#around.storage.runs.saveState(this.runId, this.#state, this.#stampedTally());
  }

  #stampedTally(): RoundTally {
    return { ...this.#tally, roundNumber: this.#state.roundNumber };
  }

  async #recordRollBack(toRound: number): Promise<void> {
    const { runs } = this.#around.storage;
    const model = await runs.modelAfter(this.runId, toRound);
    if (!model) throw new Error(`round ${toRound} left no model`);
    const { optimiserHash } = model;
    const tally = this.#stampedTally();
    await runs.recordRollBack(this.runId, { state: this.#state, tally, toRound, optimiserHash });
    this.#optimiserHash = optimiserHash;
    this.#around.versions.add(this.runId, model.modelHash);
    this.#log.info({ toRound, modelHash: model.modelHash }, 'rolled back');
  }

  /** Nobody can know the beacon before everybody's keys are on disk. */
  #rosterPersisted(roundNumber: number): UntimedEvent {
    const { round } = this.#state;
    if (this.secureSum && round?.phase === 'cohortClosed') return this.secureSum.closeRoster(round);
    return { type: 'rosterPersisted', roundNumber, beacon: null };
  }

  async #send(to: ClientId, message: RoundMessage): Promise<void> {
    const completed = isDeskMessage(message)
      ? this.secureSum?.complete(message, to)
      : await this.#withTicket(to, message);
    if (completed) this.#around.send(this.runId, to, completed);
    if (isDeskMessage(message)) await this.#breathe();
  }

  /** A large cohort's shares are put together one member after another; everybody else is heard in between. */
  async #breathe(): Promise<void> {
    this.#deskMessages += 1;
    if (this.#deskMessages % DESK_MESSAGES_IN_A_ROW === 0) await immediate();
  }

  async #withTicket(to: ClientId, message: Exclude<RoundMessage, DeskMessage>): Promise<CoordinatorMessage> {
    if (message.type !== 'uploadGranted') return message;
    const { announcement, ...granted } = message;
    const uploadTicket = await this.#around.tickets.upload(
      {
        runId: this.runId,
        roundNumber: message.roundNumber,
        clientId: to,
        modelHash: this.#state.round?.modelHash ?? this.#state.modelHash,
      },
      announcement,
      new Date(Date.now() + (message.deadlineSeconds + TICKET_LEEWAY_SECONDS) * 1000),
    );
    return { ...granted, uploadTicket };
  }

  async #aggregate(roundNumber: number, survivors: readonly Survivor[]): Promise<void> {
    const started = performance.now();
    const { aggregation, storage, shelf } = this.#around;
    const { models } = storage;
    const store = ({ hash, bytes }: HashedBytes) => models.put(bytes, hash);
    try {
      const next = await aggregation.finish({
        sum: { runId: this.runId, roundNumber },
        rules: this.sumRules,
        survivors: survivors.map((survivor) => ({
          ...survivor,
          at: this.updates.locate(survivor.updateHash),
        })),
        model: models.locate(this.#state.modelHash),
        optimiser: this.#optimiserHash && models.locate(this.#optimiserHash),
        unmasking: this.secureSum?.unmasking() ?? null,
      });
      if (next.kind === 'unusable') {
        return this.#inform({ type: 'sumUnusable', roundNumber, sum: next.facts });
      }
      await Promise.all([store(next.optimiser), store(next.model)]);
      shelf.put(next.model.hash, next.model.bytes);
      this.#aggregated = { modelHash: next.model.hash, optimiserHash: next.optimiser.hash };
      if (this.secureSum && this.#state.round?.roundNumber === roundNumber) this.#countTally(next.tally);
      this.#around.metrics.aggregationSeconds.observe((performance.now() - started) / 1000);
      const { modelHash } = this.#aggregated;
      this.#inform({ type: 'aggregated', roundNumber, modelHash, ...(next.facts && { sum: next.facts }) });
    } catch (error) {
      this.#log.error({ err: error, roundNumber }, 'aggregation failed');
      this.#inform({ type: 'aggregationFailed', roundNumber });
    }
  }

  /** What nobody said in this round, the sum says of all. */
  #countTally(sum: Tail | null): void {
    if (!sum) return;
    const { evaluatedExamples, evaluatedCorrect } = sum;
    this.#tally = { ...this.#tally, evaluatedWeight: evaluatedExamples, evaluatedCorrect };
  }

  async #recordRound(finished: RoundState, before: RoundState | null): Promise<void> {
    if (finished.phase !== 'committed' && finished.phase !== 'abandoned') return this.#persist();
    const summary = summariseRound(before, finished, { tally: this.#tally, desk: this.secureSum });
    this.#tally = emptyTally();
    this.#evaluators.clear();
    await this.#around.storage.runs.recordRound(this.runId, {
      state: this.#state,
      summary,
      commit: finished.phase === 'committed' ? this.#commitOf(finished) : null,
    });
    if (finished.phase === 'committed') this.#around.versions.add(this.runId, finished.nextModelHash);
    this.#around.aggregation.forget({ runId: this.runId, roundNumber: finished.roundNumber });
    // Nobody waits for it: the next round may begin meanwhile, and keeps what it awaits.
    this.#runInBackground(async () => {
      const tidying = [this.updates.sweep(this.awaits), this.secureSum?.tidy()];
      await Promise.all(tidying).catch((error) => this.#log.warn({ err: error }, 'sweep'));
    });
    this.#around.metrics.rounds.inc({ outcome: finished.phase });
    if (summary.sum) this.#around.metrics.sums.inc({ alarm: summary.sum.alarm });
    for (const { stage, seconds } of summary.secureSum?.stages ?? []) {
      if (seconds !== null) this.#around.metrics.secureSumSeconds.observe({ stage }, seconds);
    }
    this.#log.info(
      {
        roundNumber: summary.roundNumber,
        outcome: summary.outcome,
        reason: summary.reason ?? undefined,
        invited: summary.invited,
        accepted: summary.accepted,
        seconds: (summary.closedAt - summary.openedAt) / 1000,
      },
      'round finished',
    );
  }

  #commitOf(round: CommittedRound) {
    if (this.#aggregated?.modelHash !== round.nextModelHash) {
      throw new Error(`round ${round.roundNumber} committed a model that was not aggregated here`);
    }
    const { modelHash, optimiserHash } = this.#aggregated;
    this.#optimiserHash = optimiserHash;
    this.#aggregated = null;
    return { modelHash, optimiserHash, accepted: acceptedUpdates(round) };
  }

  async #evaluate(roundNumber: number, modelHash: BlobHash): Promise<void> {
    try {
      const result = await this.#around.validation.evaluate({
        runId: this.runId,
        manifest: this.manifest,
        readFrame: (hash) => this.#around.shelf.get(hash),
        modelHash,
      });
      if (!result) return;
      await this.#around.storage.runs.recordEvaluation(this.runId, roundNumber, result);
      this.#around.measured?.(this.runId, { roundNumber, accuracy: result.accuracy });
    } catch (error) {
      this.#log.warn({ err: error, roundNumber }, 'the validation set could not be evaluated');
    }
  }

  /** Members of the round in progress whose announced update this is. */
  #announcers(hash: BlobHash) {
    const { round } = this.#state;
    return round
      ? membersOf(round).filter(
          (member) => 'announcement' in member && member.announcement.updateHash === hash,
        )
      : [];
  }

  /** Nobody waits for the answer: an event of our own, whose failure has already halted the run. */
  #inform(event: UntimedEvent): void {
    this.feed(event).catch(() => {});
  }

  #runInBackground(work: () => Promise<void>): void {
    const running = work().finally(() => this.#background.delete(running));
    this.#background.add(running);
  }
}

/** Newest last; after a roll back an older model is the newest again. */
async function followVersions(
  { runId, manifest, state }: StoredRun,
  { storage, versions }: RunSurroundings,
): Promise<void> {
  if (manifest.downlink.codec === 'float32') return;
  versions.begin(runId, [...(await storage.runs.newestModels(runId, CODABLE_BASES))].reverse());
  versions.add(runId, state.modelHash);
}
