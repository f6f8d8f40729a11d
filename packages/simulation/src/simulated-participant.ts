/** A participant's runner under virtual time. One that is not invited costs an event now and then, and no work. */
import {
  afterSeconds,
  type BlobHash,
  blobHashOf,
  type CoordinatorMessage,
  decodeFrame,
  encodeFrame,
  errorCodeOf,
  type Instant,
  modelDelta,
  type ParameterSet,
  type ParticipationEffect,
  type ParticipationEvent,
  type ParticipationState,
  startParticipation,
  stepParticipation,
  unitInterval,
} from '@tributary/fl-core';
import { clipToNorm } from '@tributary/privacy';
import { gatherExamples, type VirtualParticipant } from './population.ts';
import type { SimulatedCoordinator, SimulatedMessage } from './simulated-coordinator.ts';
import type { World } from './world.ts';

export function simulateParticipant(
  world: World,
  member: VirtualParticipant,
  coordinator: SimulatedCoordinator,
): { start: () => void } {
  const { manifest, sha256, time, traffic } = world;
  const { clientId, latencySeconds, bytesPerSecond } = member;
  const alarms = new Set<Instant>();
  let state: ParticipationState = startParticipation();
  /** Counts connections; what belongs to an earlier one is lost. */
  let connection = 0;
  let isOnline = true;
  /** Counts trainings; a finish of an earlier one means nothing. */
  let training = 0;
  let model: Uint8Array | null = null;
  /** The base model is fetched once and kept. */
  let missingBaseBytes = world.base?.frameBytes ?? 0;
  let update: { readonly hash: BlobHash; readonly frame: Uint8Array } | null = null;

  function handle(event: ParticipationEvent): void {
    const step = stepParticipation(state, event);
    state = step.state;
    for (const effect of step.effects) perform(effect);
  }

  function perform(effect: ParticipationEffect): void {
    switch (effect.type) {
      case 'connect':
        connect();
        return;
      case 'disconnect':
        loseConnection();
        return;
      case 'checkIn':
        overTheWire(0, () => coordinator.checkIn(clientId, deliver(connection)));
        return;
      case 'send':
        send(effect.message);
        return;
      case 'wakeAt':
        wakeAt(effect.at);
        return;
      case 'download':
        download(effect.modelHash);
        return;
      case 'train':
        startTraining(effect.roundNumber);
        return;
      case 'stopTraining':
        training += 1;
        return;
      case 'upload':
        upload(effect.roundNumber, effect.uploadTicket);
        return;
      case 'forgetRound':
        model = null;
        update = null;
        return;
      case 'offerKeys':
      case 'shareSecrets':
      case 'maskUpdate':
      case 'confirmSurvivors':
      case 'revealShares':
      case 'persist': // A reload is simulated as a lost training, and nothing else is lost.
        return;
    }
  }

  /** Happens after the latency and the transfer, unless the connection breaks before. */
  function overTheWire(bytes: number, happening: () => void): void {
    const current = connection;
    time.schedule(afterSeconds(time.now(), latencySeconds + bytes / bytesPerSecond), () => {
      if (current === connection && isOnline) happening();
    });
  }

  function deliver(current: number): (message: CoordinatorMessage) => void {
    return (message) =>
      time.schedule(afterSeconds(time.now(), latencySeconds), () => {
        if (current === connection) handle({ type: 'messageReceived', at: time.now(), message });
      });
  }

  function send(message: SimulatedMessage): void {
    overTheWire(0, () => coordinator.receive(clientId, message));
  }

  function connect(): void {
    if (isOnline) overTheWire(0, () => handle({ type: 'connected', at: time.now() }));
  }

  function loseConnection(): void {
    connection += 1;
    coordinator.connectionLost(clientId);
  }

  function wakeAt(at: Instant): void {
    if (alarms.has(at)) return;
    alarms.add(at);
    time.schedule(at, () => {
      alarms.delete(at);
      handle({ type: 'timeAdvanced', at: time.now() });
    });
  }

  function download(modelHash: BlobHash): void {
    const frame = world.blobs.get(modelHash);
    const bytes = (frame?.length ?? 0) + missingBaseBytes;
    overTheWire(bytes, () => {
      model = frame ?? null;
      missingBaseBytes = 0;
      traffic.bytesDown += bytes;
      handle({ type: frame ? 'modelDownloaded' : 'downloadFailed', at: time.now(), modelHash });
    });
  }

  function startTraining(roundNumber: number): void {
    training += 1;
    const current = training;
    const seconds = (trainedExamples() * manifest.training.epochs) / member.examplesPerSecond;
    if (unitInterval(member.faults) < world.scenario.population.dropoutProbability) {
      const lostAt = afterSeconds(time.now(), unitInterval(member.faults) * seconds);
      time.schedule(lostAt, () => {
        if (current === training) dropOut();
      });
      return;
    }
    time.schedule(afterSeconds(time.now(), seconds), async () => {
      if (current === training) await finishTraining(roundNumber);
    });
  }

  /** The work is done when it would be finished, so that nobody trains for a round that is already over. */
  async function finishTraining(roundNumber: number): Promise<void> {
    const current = training;
    const initial = decodeFrame(model!, { sha256 });
    try {
      const trained = await world.trainer.train({
        model: manifest.model,
        initial,
        ...(world.base && { frozen: world.base.frozen }),
        examples: gatherExamples(world.pool, member.shard),
        training: manifest.training,
        seed: `${manifest.seed}/${clientId}/${roundNumber}`,
      });
      const frame = encodeUpdate(modelDelta(trained.parameters, initial));
      update = { hash: blobHashOf(frame, sha256), frame };
    } catch (error) {
      if (errorCodeOf(error) === 'internal') throw error;
      handle({ type: 'trainingFailed', at: time.now(), roundNumber, code: errorCodeOf(error) });
      return;
    }
    if (current !== training) return;
    const announcement = {
      exampleCount: trainedExamples(),
      updateHash: update.hash,
      updateBytes: update.frame.length,
    };
    handle({ type: 'trainingFinished', at: time.now(), roundNumber, announcement });
  }

  /** `delta` is ours: it is clipped in place. */
  function encodeUpdate(delta: ParameterSet): Uint8Array {
    const { clippingNorm } = manifest.privacy;
    if (clippingNorm !== undefined) clipToNorm(delta.values, clippingNorm);
    return encodeFrame(delta, sha256);
  }

  function trainedExamples(): number {
    return Math.min(member.shard.length, manifest.training.maximumExamples);
  }

  /** The tab is closed in the middle of its training, and opened again later. */
  function dropOut(): void {
    traffic.dropouts += 1;
    training += 1;
    isOnline = false;
    loseConnection();
    handle({ type: 'disconnected', at: time.now() });
    time.schedule(afterSeconds(time.now(), world.scenario.population.returnSeconds), () => {
      isOnline = true;
      handle({ type: 'restarted', at: time.now() });
    });
  }

  function upload(roundNumber: number, uploadTicket: string): void {
    const { frame } = update!;
    overTheWire(frame.length, () => {
      const isAccepted = coordinator.receiveUpdate(clientId, frame, uploadTicket);
      overTheWire(0, () =>
        handle(
          isAccepted
            ? { type: 'uploadFinished', at: time.now(), roundNumber }
            : { type: 'uploadFailed', at: time.now(), roundNumber, refused: true },
        ),
      );
    });
  }

  return { start: () => handle({ type: 'started', at: time.now() }) };
}
