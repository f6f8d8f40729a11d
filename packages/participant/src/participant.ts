/**
 * The runner around the participation machine: receive, step, perform the effects, repeat. Every decision is
 * `stepParticipation`'s; everything that waits, fails or touches the world is here and in what it calls.
 */
import {
  type CoordinatorMessage,
  coordinatorMessageSchema,
  errorCodeOf,
  instant,
  type ParticipationEffect,
  type ParticipationEvent,
  type ParticipationState,
  startParticipation,
  stepParticipation,
  type TaskManifest,
  TributaryError,
} from '@tributary/fl-core';
import { composeCheckIn } from './check-in.ts';
import { encodeInPlace } from './encoding/update-encoder.ts';
import type { Happening } from './happening.ts';
import { describeFrame } from './ledger/describe-frame.ts';
import { createLedger } from './ledger/ledger.ts';
import type { Pace, ParticipantEvents, ParticipantView } from './participant-events.ts';
import type { Participant, ParticipantOptions } from './participant-options.ts';
import { systemClock } from './ports/clock.ts';
import { openTrainerOnce } from './round/open-trainer-once.ts';
import { createRoundWork } from './round/round-work.ts';
import { USUAL_POLICY } from './secure-sum/policy.ts';
import type { ControlChannel } from './transport/control-channel.ts';
import { openSocketIoChannel } from './transport/socket-io-channel.ts';
import { createEmitter } from './typed-emitter.ts';
import { createWakeUps } from './wake-ups.ts';

type Phase = ParticipationState['activity']['phase'];
const BETWEEN_ROUNDS: ReadonlySet<Phase> = new Set([
  'idle',
  'checkingIn',
  'waiting',
  'ended',
  'refused',
  'left',
]);
const OFFERS_ITSELF: ReadonlySet<Phase> = new Set(['checkingIn', 'waiting']);

export function createParticipant(options: ParticipantOptions): Participant {
  const { runId, storage, data, clock = systemClock } = options;
  const events = createEmitter<ParticipantEvents>();
  const lifetime = new AbortController();
  const trainer = openTrainerOnce(options.trainer, lifetime.signal);
  const ledger = createLedger({
    runId,
    storage,
    clock,
    onEntry: (entry) => events.emit('ledger', entry),
    onFault: stopUnrecorded,
  });
  const work = createRoundWork({
    ...options,
    clock,
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    trainer,
    encoder: options.encoder ?? encodeInPlace,
    ledger,
    state: () => state,
    send: (message) => channel?.send(message),
    emit: events.emit,
    reportFault,
  });
  const wakeUps = createWakeUps(clock, () => dispatch({ type: 'timeAdvanced' }));

  let state = startParticipation();
  let pace: Pace = 'running';
  let channel: ControlChannel | null = null;
  /** Of the connection that is open; null while there is none. */
  let challenge: Extract<CoordinatorMessage, { type: 'challenge' }> | null = null;
  let isLoaded = false;
  /** Counts what was asked for: a start that still looks at what is stored must not outlive a later leave or pause. */
  let wishes = 0;
  let queue: Promise<void> = Promise.resolve();
  let disposal: Promise<void> | null = null;

  options.signal?.addEventListener('abort', () => void dispose(), { once: true, signal: lifetime.signal });
  if (options.signal?.aborted) void dispose();

  return {
    on: events.on,
    get view() {
      return view();
    },
    start,
    resume: start,
    leave(reason = 'stopped-by-person') {
      wishes += 1;
      return dispatch({ type: 'leaveRequested', reason });
    },
    async pause(how = 'after-round') {
      wishes += 1;
      pace = how === 'now' ? 'paused' : 'pausing';
      if (how === 'now') await dispatch({ type: 'leaveRequested', reason: 'stopped-by-person' });
      else pauseBetweenRounds();
      tellState();
      await queue;
    },
    async ledger() {
      await ledger.stored();
      const entries = await storage.readLedger();
      return entries.filter((entry) => entry.runId === runId || entry.runId === null);
    },
    sentPayload: (sha256) => storage.sentPayload(sha256),
    dispose,
  };

  async function start(): Promise<void> {
    lifetime.signal.throwIfAborted();
    wishes += 1;
    const wish = wishes;
    await requireExamples();
    requireGroups();
    const stored = isLoaded ? null : await storage.loadParticipation(runId);
    if (wish !== wishes) return;
    isLoaded = true;
    if (stored) await goOnFrom(stored);
    if (wish !== wishes) return;
    pace = 'running';
    await dispatch({ type: 'started' });
  }

  /** One event after another: the next one sees the state and the effects of the one before. */
  function dispatch(happening: Happening): Promise<void> {
    const event: ParticipationEvent = { ...happening, at: instant(clock.now()) };
    queue = queue
      .then(() => (lifetime.signal.aborted ? undefined : handle(event)))
      // Nothing throws here that we know of; if something did, the events after it must still be heard.
      .catch(reportFault);
    return queue;
  }

  async function handle(event: ParticipationEvent): Promise<void> {
    const before = state;
    const step = stepParticipation(state, event);
    state = step.state;
    work.keepPace(state.activity);
    if (state !== before) tellState();
    for (const effect of step.effects) {
      if (lifetime.signal.aborted) return;
      try {
        await perform(effect);
      } catch (error) {
        reportFault(error);
      }
    }
    if (state.activity.phase === 'ended' && before.activity.phase !== 'ended')
      work.evaluateFinal(state.activity);
    pauseBetweenRounds();
  }

  async function perform(effect: ParticipationEffect): Promise<void> {
    switch (effect.type) {
      case 'connect':
        channel ??= openChannel();
        return channel.connect();
      case 'disconnect':
        return channel?.disconnect();
      case 'checkIn':
        return checkIn();
      case 'send':
        return channel?.send(effect.message);
      case 'persist':
        return storage.saveParticipation(runId, state);
      case 'wakeAt':
        return wakeUps.at(effect.at);
      case 'forgetRound':
        work.forgetSecrets(effect.roundNumber);
        await storage.forgetRound(runId, effect.roundNumber, effect.fate);
        // The next model may come as the changes of this one.
        if (state.manifest?.downlink.codec === 'float32') await storage.forgetModel(runId);
        return;
      case 'forgetRun':
        await storage.forgetModel(runId);
        return storage.forgetMemory(runId);
      case 'stopTraining':
        return work.stop();
      case 'download':
        return answerWith(work.download(effect));
      case 'train':
        return answerWith(work.train(effect));
      case 'offerKeys':
      case 'shareSecrets':
      case 'maskUpdate':
      case 'confirmSurvivors':
      case 'revealShares':
        return answerWith(work.sum(effect));
      case 'upload':
        return answerWith(work.upload(effect));
    }
  }

  /** Slow work answers with an event when it is done; null when it was stopped. The queue does not wait for it. */
  function answerWith(answer: Promise<Happening | null>): void {
    answer.then((happening) => happening && dispatch(happening)).catch(reportFault);
  }

  function openChannel(): ControlChannel {
    return (options.openChannel ?? openSocketIoChannel)(options.coordinatorUrl, {
      disconnected: () => {
        challenge = null;
        void dispatch({ type: 'disconnected' });
      },
      received,
      writing: (frame) => ledger.record(describeFrame(frame)),
      failed: () =>
        reportFault(new TributaryError('internal', 'the coordinator cannot be reached; trying again')),
    });
  }

  function received(message: unknown): void {
    const parsed = coordinatorMessageSchema.safeParse(message);
    if (!parsed.success) {
      reportFault(
        new TributaryError('message-malformed', 'the coordinator sent a message that is not understood'),
      );
    } else if (parsed.data.type === 'challenge') {
      challenge = parsed.data;
      void dispatch({ type: 'connected' });
    } else if (isOfAnotherRun(parsed.data)) {
      reportFault(new TributaryError('run-unknown', 'the ticket belongs to another run'));
    } else if (isOfAnotherPlan(parsed.data)) {
      reportFault(new TributaryError('plan-changed', 'the run is no longer the one that was agreed to'));
      void dispatch({ type: 'leaveRequested', reason: 'plan-changed' });
    } else {
      void dispatch({ type: 'messageReceived', message: parsed.data });
    }
  }

  async function checkIn(): Promise<void> {
    const asked = challenge;
    if (!asked) return;
    const message = await composeCheckIn(options, { nonce: asked.nonce, trainer: trainer.current });
    // A connection that came in the meantime asks anew.
    if (challenge === asked) channel?.send(message);
  }

  function isOfAnotherRun(message: CoordinatorMessage): boolean {
    return message.type === 'admitted' && message.runId !== runId;
  }

  function isOfAnotherPlan(message: CoordinatorMessage): boolean {
    return message.type === 'admitted' && !isAgreed(message.manifest);
  }

  /** Both documents have passed the same schema, which fixes the order of their fields. */
  function isAgreed(manifest: TaskManifest): boolean {
    return JSON.stringify(manifest) === JSON.stringify(options.manifest);
  }

  /**
   * A reload: what was stored goes on; what was running is asked for again by the machine. Of a plan that is no longer the one
   * agreed to nothing goes on: it would be trained or sent before any admission could say so.
   */
  async function goOnFrom(stored: ParticipationState): Promise<void> {
    state = stored;
    const { manifest } = stored;
    if (!manifest || isAgreed(manifest)) await dispatch({ type: 'restarted' });
    else await dispatch({ type: 'leaveRequested', reason: 'plan-changed' });
  }

  async function requireExamples(): Promise<void> {
    if ((await data.exampleCount()) > 0) return;
    throw new TributaryError('data-missing', 'there are no examples on this device yet');
  }

  /** A device that would refuse every group of a run need not train for one. */
  function requireGroups(): void {
    const { secureAggregation, rounds } = options.manifest;
    const { minimumCohort } = options.secureSum ?? USUAL_POLICY;
    if (secureAggregation.mode === 'off' || rounds.reportGoal >= minimumCohort) return;
    throw new TributaryError(
      'secagg-cohort-too-small',
      `this run sums at most ${rounds.reportGoal} participants, and this device asks for ${minimumCohort}`,
    );
  }

  function pauseBetweenRounds(): void {
    const { phase } = state.activity;
    if (pace !== 'pausing' || !BETWEEN_ROUNDS.has(phase)) return;
    pace = 'paused';
    if (OFFERS_ITSELF.has(phase)) void dispatch({ type: 'leaveRequested', reason: 'stopped-by-person' });
    else tellState();
  }

  function view(): ParticipantView {
    return { participation: state, pace, backend: trainer.current?.backend ?? null };
  }

  function tellState(): void {
    events.emit('state', view());
  }

  function reportFault(error: unknown): void {
    if (lifetime.signal.aborted) return;
    const message =
      error instanceof TributaryError ? error.message : 'something unexpected happened on this device';
    events.emit('error', { code: errorCodeOf(error), message });
  }

  /** Nothing leaves that was not written down; so nothing can go on. */
  function stopUnrecorded(error: unknown): void {
    reportFault(error);
    void dispatch({ type: 'leaveRequested', reason: 'device-failed' });
  }

  function dispose(): Promise<void> {
    disposal ??= (async () => {
      lifetime.abort();
      work.stop();
      work.forgetSecrets();
      wakeUps.clear();
      await channel?.close();
      await queue;
      await ledger.stored();
      await trainer.dispose();
    })();
    return disposal;
  }
}
