/** A participant's runner under virtual time. One that is not invited costs an event now and then, and no work. */
import type { RandomWords } from '@tributary/compression';
import {
  type AdditiveUpdate,
  adaptiveBits,
  additiveCode,
  additiveFrame,
  afterSeconds,
  type BlobHash,
  blobHashOf,
  type CoordinatorMessage,
  codeClearUpdate,
  decodeFrame,
  encodeFrame,
  errorCodeOf,
  type Instant,
  isClearCode,
  type KeptMemory,
  modelDelta,
  type ParameterSet,
  type ParticipationEffect,
  type ParticipationEvent,
  type ParticipationState,
  type RandomSource,
  type RoundCode,
  roundCode,
  seededRandom,
  settledMemory,
  startParticipation,
  stepParticipation,
  unitInterval,
  withMemory,
} from '@tributary/fl-core';
import { clipToNorm } from '@tributary/privacy';
import { attachedBytes } from './attached-bytes.ts';
import { gatherExamples, type VirtualParticipant } from './population.ts';
import { seededCrypto } from './secure-sum/seeded-crypto.ts';
import { openSimulatedSession, type SimulatedSession } from './secure-sum/simulated-session.ts';
import { RUN_ID, type SimulatedCoordinator, type SimulatedMessage } from './simulated-coordinator.ts';
import type { World } from './world.ts';

type Effect<Type extends ParticipationEffect['type']> = Extract<ParticipationEffect, { type: Type }>;
type StageEffect = Effect<'shareSecrets' | 'maskUpdate' | 'confirmSurvivors' | 'revealShares'>;
const STAGES = {
  shareSecrets: 'sharing',
  maskUpdate: 'masking',
  confirmSurvivors: 'confirming',
  revealShares: 'revealing',
} as const satisfies Record<StageEffect['type'], string>;

const NOTHING: KeptMemory = { settled: null, pending: null };

interface CodedWork {
  readonly roundNumber: number;
  readonly round: RoundCode;
}

export function simulateParticipant(
  world: World,
  member: VirtualParticipant,
  coordinator: SimulatedCoordinator,
): { start: () => void } {
  const { manifest, sha256, time, traffic } = world;
  const { clientId, device, latencySeconds, bytesPerSecond } = member;
  const alarms = new Set<Instant>();
  let state: ParticipationState = startParticipation();
  /** Counts connections; what belongs to an earlier one is lost. */
  let connection = 0;
  let isOnline = true;
  /** Counts trainings; a finish of an earlier one means nothing. */
  let training = 0;
  let model: Uint8Array | null = null;
  /** The model of the last round that it was in: what the next one is coded against. */
  let held: BlobHash | null = null;
  /** The base model is fetched once and kept. */
  let missingBaseBytes = world.base?.frameBytes ?? 0;
  let update: { readonly hash: BlobHash; readonly frame: Uint8Array } | null = null;
  /** With secure aggregation: the update that waits for its masks, and the session that has them. */
  let addend: AdditiveUpdate | null = null;
  /** What its codes lost, where the plan has feedback. */
  let memory = NOTHING;
  let session: SimulatedSession | null = null;
  let sessions = 0;

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
        overTheWire(0, () => coordinator.checkIn(clientId, device.publicKey, deliver(connection)));
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
        startTraining(effect);
        return;
      case 'stopTraining':
        training += 1;
        return;
      case 'upload':
        upload(effect.roundNumber, effect.uploadTicket);
        return;
      case 'forgetRound':
        memory = settledMemory(memory, effect) ?? NOTHING;
        model = null;
        update = null;
        addend = null;
        session = null;
        return;
      case 'offerKeys':
        offerKeys(effect);
        return;
      case 'shareSecrets':
      case 'maskUpdate':
      case 'confirmSurvivors':
      case 'revealShares':
        answerStage(effect);
        return;
      case 'forgetRun':
        memory = NOTHING;
        return;
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
    return (message) => {
      traffic.bytesDown += attachedBytes(message);
      time.schedule(afterSeconds(time.now(), latencySeconds), () => {
        if (current === connection) handle({ type: 'messageReceived', at: time.now(), message });
      });
    };
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
    const bytes = (frame ? world.downloads.bytesOf(modelHash, frame, held) : 0) + missingBaseBytes;
    overTheWire(bytes, () => {
      model = frame ?? null;
      if (frame) held = modelHash;
      missingBaseBytes = 0;
      traffic.bytesDown += bytes;
      traffic.downloads += 1;
      handle({ type: frame ? 'modelDownloaded' : 'downloadFailed', at: time.now(), modelHash });
    });
  }

  function startTraining({ roundNumber, modelHash }: Effect<'train'>): void {
    training += 1;
    const current = training;
    const round = roundCode({ runId: RUN_ID, roundNumber, modelHash, encoding: state.encoding });
    const seconds = (trainedExamples() * manifest.training.epochs) / member.examplesPerSecond;
    if (unitInterval(member.faults) < world.scenario.population.dropoutProbability) {
      const lostAt = afterSeconds(time.now(), unitInterval(member.faults) * seconds);
      time.schedule(lostAt, () => {
        if (current === training) dropOut();
      });
      return;
    }
    time.schedule(afterSeconds(time.now(), seconds), async () => {
      if (current === training) await finishTraining({ roundNumber, round });
    });
  }

  /** The work is done when it would be finished, so that nobody trains for a round that is already over. */
  async function finishTraining(coded: CodedWork): Promise<void> {
    const { roundNumber } = coded;
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
      keepUpdate(modelDelta(trained.parameters, initial), coded);
    } catch (error) {
      if (errorCodeOf(error) === 'internal') throw error;
      handle({ type: 'trainingFailed', at: time.now(), roundNumber, code: errorCodeOf(error) });
      return;
    }
    if (current !== training) return;
    const announcement = update && {
      exampleCount: trainedExamples(),
      updateHash: update.hash,
      updateBytes: update.frame.length,
    };
    handle({ type: 'trainingFinished', at: time.now(), roundNumber, announcement });
  }

  /** `delta` is ours: floats are clipped in place. */
  function keepUpdate(delta: ParameterSet, { roundNumber, round }: CodedWork): void {
    if (manifest.compression.codec === 'float32') {
      const { clippingNorm } = manifest.privacy;
      if (clippingNorm !== undefined) clipToNorm(delta.values, clippingNorm);
      keepFrame(encodeFrame(delta, sha256));
      return;
    }
    const { shapes } = delta;
    // Masked or not, the same training is rounded in the same way.
    const random = wordsFrom(seededRandom(`${manifest.seed}/rounding/${clientId}/${roundNumber}`));
    if (isClearCode(manifest.compression)) {
      const seconds = manifest.rounds.reportingSeconds;
      const { frame, pending } = codeClearUpdate(delta, manifest.compression, {
        ...{ manifest, round, roundNumber, clientId, random },
        bits: adaptiveBits(manifest.compression, { shapes, bytesPerSecond, seconds }),
        memory: memory.settled,
      });
      memory = { ...memory, pending };
      keepFrame(frame);
      return;
    }
    const input = withMemory(delta.values, { manifest, roundNumber, memory: memory.settled });
    const { update: additive, residual } = additiveCode(input, {
      ...{ manifest, shapes, round, clientId, random },
      exampleCount: trainedExamples(),
      evaluation: null,
    });
    memory = { ...memory, pending: residual && { roundNumber, residual } };
    if (manifest.secureAggregation.mode === 'off')
      keepFrame(additiveFrame(additive, { manifest, shapes, round }));
    else addend = additive;
  }

  function keepFrame(frame: Uint8Array): void {
    update = { hash: blobHashOf(frame, sha256), frame };
  }

  function offerKeys({ roundNumber, modelHash, modelLog }: Effect<'offerKeys'>): void {
    if (session?.roundNumber !== roundNumber) {
      sessions += 1;
      const seed = `${manifest.seed}/secure-sum/${clientId}/${sessions}`;
      const round = { runId: RUN_ID, roundNumber, modelHash, modelLog, encoding: state.encoding };
      session = openSimulatedSession(world, round, { device, crypto: seededCrypto(world.crypto, seed) });
    }
    inSession(roundNumber, async (own) => {
      const bytes = await own.offerKeys();
      handle({ type: 'keysOffered', at: time.now(), roundNumber, bytes });
    });
  }

  function answerStage(effect: StageEffect): void {
    const { roundNumber } = effect.message;
    const { secureSumDropouts } = world.scenario.population;
    const probability = secureSumDropouts[STAGES[effect.type]];
    if (probability > 0 && unitInterval(member.faults) < probability) {
      time.schedule(time.now(), dropOut);
      return;
    }
    inSession(roundNumber, async (own) => {
      switch (effect.type) {
        case 'shareSecrets': {
          const bytes = await own.shareSecrets(effect.message);
          return handle({ type: 'secretsShared', at: time.now(), roundNumber, bytes });
        }
        case 'maskUpdate': {
          const { announcement, frame } = await own.mask(effect.message, addend!);
          update = { hash: announcement.updateHash, frame };
          return handle({ type: 'updateMasked', at: time.now(), roundNumber, announcement });
        }
        case 'confirmSurvivors': {
          const signature = await own.confirmSurvivors(effect.message);
          return handle({ type: 'survivorsConfirmed', at: time.now(), roundNumber, signature });
        }
        case 'revealShares': {
          const bytes = await own.revealShares(effect.message);
          return handle({ type: 'sharesRevealed', at: time.now(), roundNumber, bytes });
        }
      }
    });
  }

  /** Cryptography takes no virtual time. */
  function inSession(roundNumber: number, work: (own: SimulatedSession) => Promise<void>): void {
    time.schedule(time.now(), async () => {
      if (session?.roundNumber !== roundNumber) return;
      try {
        await work(session);
      } catch (error) {
        if (errorCodeOf(error) === 'internal') throw error;
        handle({ type: 'secureSumFailed', at: time.now(), roundNumber, code: errorCodeOf(error) });
      }
    });
  }

  function trainedExamples(): number {
    return Math.min(member.shard.length, manifest.training.maximumExamples);
  }

  /** The tab is closed in the middle of its training, and opened again later. */
  function dropOut(): void {
    traffic.dropouts += 1;
    training += 1;
    session = null;
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

function wordsFrom(random: RandomSource): RandomWords {
  return {
    fill(words) {
      for (let i = 0; i < words.length; i += 1) words[i] = random.nextUint32();
    },
  };
}
