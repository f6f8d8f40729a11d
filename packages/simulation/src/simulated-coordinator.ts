/** The coordinator's runner under virtual time: receive, step the run machine, perform its effects, repeat. */
import {
  type BlobHash,
  blobHashOf,
  bytesToHex,
  type ClientId,
  type ClientMessage,
  type CoordinatorMessage,
  checkUpdate,
  decodeFrame,
  encodeFrame,
  errorCodeOf,
  type Instant,
  initialServerState,
  isSurvivor,
  isUsable,
  membersOf,
  nextModel,
  openRoundSum,
  openRun,
  parameterShapes,
  type RoundMessage,
  type RoundState,
  type RunEffect,
  type RunEvent,
  type RunId,
  type RunState,
  roundCode,
  type Survivor,
  stepRun,
  type UpdateAnnouncement,
} from '@tributary/fl-core';
import { attachedBytes } from './attached-bytes.ts';
import { simulateSums } from './secure-sum/simulated-sums.ts';
import type { World } from './world.ts';

/** A message that the run machine understands; `checkIn` is a call of its own. */
export type SimulatedMessage = Exclude<ClientMessage, { type: 'checkIn' }>;

type StageMessage = Extract<
  SimulatedMessage,
  { type: 'keysOffered' | 'sharesSealed' | 'masked' | 'survivorsConfirmed' | 'sharesRevealed' }
>;

export interface SimulatedCoordinator {
  launch(): void;
  hasEnded(): boolean;
  modelHash(): BlobHash;
  /** What is sent to this client from now on goes to `deliver`. */
  checkIn(clientId: ClientId, identity: Uint8Array, deliver: (message: CoordinatorMessage) => void): void;
  connectionLost(clientId: ClientId): void;
  receive(clientId: ClientId, message: SimulatedMessage): void;
  /** @returns whether the update passed the door */
  receiveUpdate(clientId: ClientId, update: Uint8Array, uploadTicket: string): boolean;
}

type Summed =
  | Pick<Extract<RunEvent, { type: 'aggregated' }>, 'type' | 'modelHash' | 'sum'>
  | Pick<Extract<RunEvent, { type: 'sumUnusable' }>, 'type' | 'sum'>;

export const RUN_ID = 'simulated-run' as RunId;

export function simulateCoordinator(world: World): SimulatedCoordinator {
  const { manifest, sha256, time, blobs } = world;
  const shapes = parameterShapes(manifest.model);
  const sums = simulateSums(world, RUN_ID);
  const isSecure = manifest.secureAggregation.mode !== 'off';
  const identities = new Map<ClientId, Uint8Array>();
  const links = new Map<ClientId, (message: CoordinatorMessage) => void>();
  const granted = new Map<
    string,
    { readonly roundNumber: number; readonly announcement: UpdateAnnouncement }
  >();
  const alarms = new Set<Instant>();
  let state: RunState = openRun({ runId: RUN_ID, manifest, modelHash: world.firstModelHash });
  let serverState = initialServerState(manifest, shapes);
  let ended = false;
  let measuring = 0;

  function handle(event: RunEvent): void {
    const step = stepRun(state, event);
    state = step.state;
    for (const effect of step.effects) perform(effect);
  }

  function perform(effect: RunEffect): void {
    switch (effect.type) {
      case 'send':
        links.get(effect.to)?.(complete(effect.to, effect.message));
        return;
      case 'refuse':
        links.get(effect.to)?.({ type: 'refused', code: effect.code, message: effect.message, fatal: false });
        return;
      case 'wakeAt':
        wakeAt(effect.at);
        return;
      case 'persistRoster':
        soon((at) => handle(closedRoster(effect.roundNumber, at)));
        return;
      case 'aggregate':
        soon(async () => handle(await summedUp(effect.roundNumber, effect.survivors)));
        return;
      case 'recordRound':
        recordRound(effect.round);
        return;
      case 'runEnded':
        ended = true;
        return;
      case 'persist': // The state is in memory, and memory does not fail here.
      case 'evaluate': // Measured when the round is recorded.
        return;
    }
  }

  function soon(answer: (at: Instant) => void | Promise<void>): void {
    time.schedule(time.now(), () => answer(time.now()));
  }

  function wakeAt(at: Instant): void {
    if (alarms.has(at)) return;
    alarms.add(at);
    time.schedule(at, () => {
      alarms.delete(at);
      handle({ type: 'timeAdvanced', at: time.now() });
    });
  }

  function complete(to: ClientId, message: RoundMessage): CoordinatorMessage {
    switch (message.type) {
      case 'rosterClosed':
      case 'sharesDelivered':
      case 'survivorsClosed':
      case 'unmaskRequested':
        return sums.complete(state.round!, to, message);
      case 'uploadGranted':
        return withTicket(to, message);
      default:
        return message;
    }
  }

  /** A ticket is a secret that a real runner signs; here it names what it is for. */
  function withTicket(
    to: ClientId,
    { announcement, ...rest }: Extract<RoundMessage, { type: 'uploadGranted' }>,
  ): CoordinatorMessage {
    const uploadTicket = `${rest.roundNumber}/${to}`;
    granted.set(uploadTicket, { roundNumber: rest.roundNumber, announcement });
    return { ...rest, uploadTicket };
  }

  /** The roster is in memory, and memory does not fail here. */
  function closedRoster(roundNumber: number, at: Instant): RunEvent {
    if (!isSecure) return { type: 'rosterPersisted', at, roundNumber, beacon: null };
    try {
      return { type: 'rosterPersisted', at, roundNumber, beacon: sums.drawBeacon(state.round!) };
    } catch (error) {
      if (errorCodeOf(error) === 'internal') throw error;
      return { type: 'rosterRefused', at, roundNumber };
    }
  }

  async function summedUp(roundNumber: number, survivors: readonly Survivor[]): Promise<RunEvent> {
    try {
      return { at: time.now(), roundNumber, ...(await aggregate(survivors)) };
    } catch (error) {
      if (errorCodeOf(error) === 'internal') throw error;
      return { type: 'aggregationFailed', at: time.now(), roundNumber };
    }
  }

  const codeOf = (round: RoundState) => roundCode({ runId: RUN_ID, ...round });

  async function aggregate(survivors: readonly Survivor[]): Promise<Summed> {
    const model = decodeFrame(blobs.get(state.modelHash)!, { sha256, expectedShapes: shapes });
    const round = codeOf(state.round!);
    const sum = openRoundSum(manifest, shapes, round);
    for (const survivor of survivors) {
      const { clientId, updateHash } = survivor;
      const context = { manifest, shapes, round, clientId, sha256 };
      sum.fold(survivor, checkUpdate(blobs.get(updateHash)!, context));
    }
    if (isSecure) await sums.unmask(state.round!, sum);
    const facts = sum.facts();
    if (facts && !isUsable(facts)) return { type: 'sumUnusable', sum: facts };
    const next = nextModel(manifest, { model, mean: sum.mean(), state: serverState });
    serverState = next.state;
    const frame = encodeFrame(next.model, sha256);
    const hash = blobHashOf(frame, sha256);
    blobs.set(hash, frame);
    return { type: 'aggregated', modelHash: hash, ...(facts && { sum: facts }) };
  }

  /** What the sum refuses, drops its sender; what comes out of turn, the machine refuses. */
  async function receiveStage(clientId: ClientId, message: StageMessage): Promise<void> {
    const { roundNumber } = message;
    world.traffic.bytesUp += attachedBytes(message);
    try {
      handle(await heard(clientId, message));
    } catch (error) {
      if (errorCodeOf(error) === 'internal') throw error;
      handle({ type: 'secureSumRefused', at: time.now(), roundNumber, clientId });
    }
  }

  async function heard(clientId: ClientId, message: StageMessage): Promise<RunEvent> {
    const { round } = state;
    const about = { at: time.now(), roundNumber: message.roundNumber, clientId };
    const isNow = round?.roundNumber === message.roundNumber;
    switch (message.type) {
      case 'keysOffered': {
        const identity = identities.get(clientId)!;
        const offer = isNow ? await sums.readOffer(round, identity, message.bytes) : '';
        return { type: 'keysOffered', ...about, offer };
      }
      case 'sharesSealed':
        if (isNow && round.phase === 'sharing') sums.takeSealed(round, clientId, message.bytes);
        return { type: 'sharesSealed', ...about };
      case 'masked': {
        const { updateHash, updateBytes } = message;
        return { type: 'updateMasked', ...about, announcement: { updateHash, updateBytes } };
      }
      case 'survivorsConfirmed': {
        const { signature } = message;
        const isRight = isNow && round.phase === 'confirming';
        if (isRight && !(await sums.isConfirmation(round, clientId, signature))) {
          return { type: 'secureSumRefused', ...about };
        }
        return { type: 'survivorsConfirmed', ...about, confirmation: bytesToHex(signature) };
      }
      case 'sharesRevealed': {
        const isRight = isNow && round.phase === 'unmasking';
        const isEnough = isRight && sums.takeRevealed(round, clientId, message.bytes);
        return { type: 'sharesRevealed', ...about, isEnough };
      }
    }
  }

  function recordRound(round: RoundState): void {
    if (round.phase === 'committed') {
      const modelHash = round.nextModelHash;
      world.downloads.published(modelHash, blobs.get(modelHash)!);
      for (const hash of blobs.keys()) if (hash !== modelHash) blobs.delete(hash);
      measuring += 1;
      time.schedule(time.now(), async () => {
        await measureAndReport(round.roundNumber, modelHash, {
          invited: membersOf(round).length,
          survivors: round.cohort.filter(isSurvivor).length,
        });
        measuring -= 1;
      });
    } else if (round.phase === 'abandoned' && round.reason !== 'stopped') {
      report({
        roundNumber: round.roundNumber,
        outcome: 'abandoned',
        invited: membersOf(round).length,
        survivors: 0,
        modelHash: null,
        accuracy: null,
        loss: null,
      });
    }
    granted.clear();
    sums.forget();
  }

  async function measureAndReport(
    roundNumber: number,
    modelHash: BlobHash,
    counts: { invited: number; survivors: number },
  ): Promise<void> {
    const { scenario } = world;
    const committedRounds = committedSoFar() + 1;
    const isMeasured =
      committedRounds % scenario.evaluateEvery === 0 || committedRounds === scenario.maximumRounds;
    const evaluation = isMeasured
      ? await world.trainer.evaluate({
          model: manifest.model,
          parameters: decodeFrame(blobs.get(modelHash)!, { sha256, expectedShapes: shapes }),
          ...(world.base && { frozen: world.base.frozen }),
          examples: world.validation,
        })
      : { accuracy: null, loss: null };
    const { accuracy, loss } = evaluation;
    report({ roundNumber, outcome: 'committed', ...counts, modelHash, accuracy, loss });
    const { targetAccuracy, stopAtTarget } = scenario;
    if (stopAtTarget && targetAccuracy !== undefined && accuracy !== null && accuracy >= targetAccuracy) {
      handle({ type: 'stopRequested', at: time.now() });
    }
  }

  function committedSoFar(): number {
    return world.rounds.filter((round) => round.outcome === 'committed').length;
  }

  function report(round: Omit<World['rounds'][number], 'committedRounds' | 'virtualSeconds'>): void {
    const finished = {
      ...round,
      committedRounds: committedSoFar() + (round.outcome === 'committed' ? 1 : 0),
      virtualSeconds: time.now() / 1000,
    };
    world.rounds.push(finished);
    world.onRound(finished);
  }

  return {
    launch: () => handle({ type: 'resumeRequested', at: time.now() }),
    hasEnded: () => ended && measuring === 0,
    modelHash: () => state.modelHash,
    checkIn(clientId, identity, deliver) {
      links.set(clientId, deliver);
      identities.set(clientId, identity);
      deliver({ type: 'admitted', runId: RUN_ID, clientId, manifest });
      handle({ type: 'clientCheckedIn', at: time.now(), clientId });
    },
    connectionLost(clientId) {
      links.delete(clientId);
      handle({ type: 'clientDisconnected', at: time.now(), clientId });
    },
    receive(clientId, message) {
      switch (message.type) {
        case 'ready': {
          const { roundNumber, exampleCount, updateHash, updateBytes } = message;
          const announcement = { exampleCount, updateHash, updateBytes };
          handle({ type: 'trainingFinished', at: time.now(), roundNumber, clientId, announcement });
          return;
        }
        case 'withdraw':
          handle({ type: 'clientWithdrew', at: time.now(), roundNumber: message.roundNumber, clientId });
          return;
        case 'leave':
          handle({ type: 'clientLeft', at: time.now(), clientId });
          return;
        case 'keysOffered':
        case 'sharesSealed':
        case 'masked':
        case 'survivorsConfirmed':
        case 'sharesRevealed':
          soon(() => receiveStage(clientId, message));
          return;
        case 'progress':
        case 'evaluated':
          return;
      }
    },
    receiveUpdate(clientId, update, uploadTicket) {
      world.traffic.bytesUp += update.length;
      world.traffic.uploads += 1;
      const grant = granted.get(uploadTicket);
      // The round is over: too late, and nobody's fault.
      if (!grant) return false;
      const { roundNumber, announcement } = grant;
      try {
        checkUpdate(update, {
          manifest,
          shapes,
          round: codeOf(state.round!),
          clientId,
          sha256,
          announced: announcement,
        });
      } catch (error) {
        if (errorCodeOf(error) === 'internal') throw error;
        handle({ type: 'updateRefused', at: time.now(), roundNumber, clientId });
        return false;
      }
      blobs.set(announcement.updateHash, update);
      handle({
        type: 'updateReceived',
        at: time.now(),
        roundNumber,
        clientId,
        updateHash: announcement.updateHash,
      });
      return true;
    },
  };
}
