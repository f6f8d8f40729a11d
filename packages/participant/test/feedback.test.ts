/** What a code loses stays on the device, and comes with the next update exactly when the one before counted. */
import 'fake-indexeddb/auto';
import type { CodecMemory } from '@tributary/compression';
import {
  type ClearPlan,
  type ClientId,
  memberSeed,
  modelDelta,
  parameterShapes,
  readClearUpdate,
  roundSeed,
  type TaskManifestInput,
} from '@tributary/fl-core';
import { l2Norm } from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import {
  createMemoryStorage,
  openIndexedDbStorage,
  type ParticipantStorage,
  systemClock,
} from '../src/index.ts';
import { createMeasuredTrainer } from './measured-trainer.ts';
import { aCoordinator, aParticipant, reached, until, watch } from './participant-scene.ts';
import { CLIENT_ID, RUN_ID, type SmallCoordinator } from './small-coordinator.ts';

const FEEDBACK = { mode: 'on', expiresAfterRounds: 5 } as const;
const TOP_K = { codec: 'top-k', fraction: 0.2, feedback: FEEDBACK } as const;

function taskWith(compression: TaskManifestInput['compression'], clippingNorm?: number) {
  return {
    compression,
    ...(clippingNorm !== undefined && { privacy: { mode: 'none', clippingNorm } as const }),
  };
}

async function aFedParticipant(
  coordinator: SmallCoordinator,
  storage: ParticipantStorage = createMemoryStorage(),
  trainer = createMeasuredTrainer({ isVaried: true }),
) {
  const { url, manifest } = coordinator;
  const participant = await aParticipant({ coordinatorUrl: url, manifest, storage, trainer });
  return { participant, storage, trainer, seen: watch(participant) };
}

/** As the coordinator reads it. */
function decoded(coordinator: SmallCoordinator, upload: number, roundNumber: number): Float32Array {
  const { manifest, modelHash } = coordinator;
  const shapes = parameterShapes(manifest.model);
  const seed = memberSeed(roundSeed({ runId: RUN_ID, roundNumber, modelHash }), CLIENT_ID as ClientId);
  const compression = manifest.compression as ClearPlan;
  return readClearUpdate(coordinator.uploads[upload]!, { compression, shapes, seed }).values;
}

/** What training alone gave. */
async function trained(trainer: ReturnType<typeof createMeasuredTrainer>, request: number) {
  const asked = trainer.requests[request]!;
  const { parameters } = await createMeasuredTrainer({ isVaried: true }).train(asked);
  return modelDelta(parameters, asked.initial).values;
}

/** Seconds that a transfer took, as far as the participant can tell. */
const slow = { now: 0 };
const slowed =
  (bytesPerSecond: number): typeof globalThis.fetch =>
  async (...request) => {
    const response = await fetch(...request);
    const body = await response.arrayBuffer();
    slow.now += (1000 * body.byteLength) / bytesPerSecond;
    return new Response(body, { status: response.status, headers: response.headers });
  };

const plus = (one: Float32Array, other: Float32Array) => one.map((value, i) => value + other[i]!);
const storedMemory = (storage: ParticipantStorage) => storage.loadMemory(RUN_ID) as Promise<CodecMemory>;

describe('error feedback', () => {
  it.each([
    ['eden', { codec: 'eden', bits: 1, feedback: FEEDBACK }],
    ['top-k', TOP_K],
    ['power-sgd', { codec: 'power-sgd', rank: 1, feedback: FEEDBACK }],
  ] as const)(
    '[P-23] of %s: what was decoded and what is kept are what was trained, over all rounds',
    async (_, code) => {
      const coordinator = await aCoordinator({ task: taskWith(code), rounds: 3, waits: true });
      const { participant, storage, trainer } = await aFedParticipant(coordinator);
      await participant.start();
      let meant = new Float32Array(10);
      let arrived = new Float32Array(10);
      for (const round of [1, 2, 3]) {
        await until(() => coordinator.uploads.length === round);
        await reached(participant, 'reported');
        meant = plus(meant, await trained(trainer, round - 1));
        arrived = plus(arrived, decoded(coordinator, round - 1, round));
        // The run's end would forget it.
        if (round === 3) await storage.forgetRound(RUN_ID, 3, 'counted');
        else coordinator.commit();
      }
      const { residual, roundNumber } = await storedMemory(storage);
      expect(roundNumber).toBe(3);
      plus(arrived, residual).forEach((value, i) => void expect(value).toBeCloseTo(meant[i]!, 5));
      expect(l2Norm(residual)).toBeGreaterThan(1e-3);
    },
  );

  it('[P-23] carries what was lost before the clip, so that no update is longer than the norm', async () => {
    const clippingNorm = 0.05;
    const coordinator = await aCoordinator({ task: taskWith(TOP_K, clippingNorm), rounds: 4 });
    const { participant } = await aFedParticipant(coordinator);
    await participant.start();
    await reached(participant, 'ended');
    expect(coordinator.uploads).toHaveLength(4);
    coordinator.uploads.forEach((_, i) => {
      expect(l2Norm(decoded(coordinator, i, i + 1))).toBeLessThanOrEqual(clippingNorm * (1 + 1e-6));
    });
  });

  it('[P-23] is off unless the plan says so: nothing is kept', async () => {
    const task = taskWith({ codec: 'top-k', fraction: 0.2 });
    const coordinator = await aCoordinator({ task, waits: true });
    const { participant, storage } = await aFedParticipant(coordinator);
    await participant.start();
    await reached(participant, 'reported');
    await storage.forgetRound(RUN_ID, 1, 'counted');
    expect(await storage.loadMemory(RUN_ID)).toBeNull();
  });

  it('[P-23] drops what a refused update lost, and carries again what came before it', async () => {
    const coordinator = await aCoordinator({ task: taskWith(TOP_K), rounds: 4, waits: true });
    const { participant, storage, trainer } = await aFedParticipant(coordinator);
    await participant.start();
    await until(() => coordinator.uploads.length === 1);
    await reached(participant, 'reported');
    coordinator.commit();
    await until(() => coordinator.uploads.length === 2);
    const before = await storedMemory(storage);
    expect(before.roundNumber).toBe(1);
    await reached(participant, 'reported');
    coordinator.commit({ accepted: false });
    await until(() => coordinator.uploads.length === 3);
    expect(await storedMemory(storage)).toEqual(before);
    const carried = plus(await trained(trainer, 2), before.residual);
    const sent = decoded(coordinator, 2, 3);
    // Two of ten coordinates, rounded to one of 127 levels.
    sent.forEach((value, i) => {
      if (value !== 0) expect(value).toBeCloseTo(carried[i]!, 3);
    });
    expect(sent.filter((value) => value !== 0)).toHaveLength(2);
  });

  it.each(['memory', 'IndexedDB'] as const)(
    '[P-23] a tab that was killed between upload and commit hears what became of its update (%s)',
    async (kind) => {
      const coordinator = await aCoordinator({ task: taskWith(TOP_K), rounds: 3, waits: true });
      const first = await openAs(kind);
      const killed = await aFedParticipant(coordinator, first.storage);
      await killed.participant.start();
      await reached(killed.participant, 'reported');
      await killed.participant.dispose();
      const storage = await first.reopen();
      const again = await aFedParticipant(coordinator, storage);
      await again.participant.start();
      await until(() => coordinator.received.filter(({ type }) => type === 'checkIn').length === 2);
      expect(await storage.loadMemory(RUN_ID)).toBeNull();
      coordinator.commit();
      await until(() => coordinator.uploads.length === 2);
      expect(await storedMemory(storage)).toMatchObject({ roundNumber: 1 });
    },
  );

  it.each(['memory', 'IndexedDB'] as const)(
    '[P-23] a tab that missed what became of its update carries nothing: it may be in the model (%s)',
    async (kind) => {
      const coordinator = await aCoordinator({ task: taskWith(TOP_K), rounds: 3, waits: true });
      const first = await openAs(kind);
      const killed = await aFedParticipant(coordinator, first.storage);
      await killed.participant.start();
      await until(() => coordinator.uploads.length === 1);
      await reached(killed.participant, 'reported');
      coordinator.commit();
      await until(() => coordinator.uploads.length === 2);
      await reached(killed.participant, 'reported');
      await killed.participant.dispose();
      coordinator.commit({ isHeard: false });
      const storage = await first.reopen();
      expect(await storedMemory(storage)).toMatchObject({ roundNumber: 1 });
      const again = await aFedParticipant(coordinator, storage);
      await again.participant.start();
      await until(() => coordinator.uploads.length === 3);
      expect(await storage.loadMemory(RUN_ID)).toBeNull();
      const alone = await trained(again.trainer, 0);
      decoded(coordinator, 2, 3).forEach((value, i) => {
        if (value !== 0) expect(value).toBeCloseTo(alone[i]!, 3);
      });
    },
  );

  it('[P-22] spends fewer bits on a slow connection, and the ledger says how many', async () => {
    const task = (adaptive: boolean) => taskWith({ codec: 'eden', bits: 4, adaptive });
    const bitsOver = async (bytesPerSecond: number, adaptive: boolean) => {
      const coordinator = await aCoordinator({ task: task(adaptive) });
      const { url, manifest } = coordinator;
      const participant = await aParticipant({
        ...{ coordinatorUrl: url, manifest, fetch: slowed(bytesPerSecond) },
        trainer: createMeasuredTrainer(),
        clock: { ...systemClock, now: () => slow.now + Date.now() },
      });
      const seen = watch(participant);
      await participant.start();
      await reached(participant, 'ended');
      return seen.entries.find(({ subject }) => subject === 'update')?.bits;
    };
    expect(await bitsOver(10, true)).toBe(1);
    expect(await bitsOver(10, false)).toBe(4);
    expect(await bitsOver(1e9, true)).toBe(4);
  });

  it('[P-24] leaving forgets what was lost', async () => {
    const coordinator = await aCoordinator({ task: taskWith(TOP_K), rounds: 3, waits: true });
    const { participant, storage } = await aFedParticipant(coordinator);
    await participant.start();
    await until(() => coordinator.uploads.length === 1);
    await reached(participant, 'reported');
    coordinator.commit();
    await until(() => coordinator.uploads.length === 2);
    expect(await storage.loadMemory(RUN_ID)).not.toBeNull();
    await participant.leave();
    expect(await storage.loadMemory(RUN_ID)).toBeNull();
    await storage.forgetRound(RUN_ID, 2, 'counted');
    expect(await storage.loadMemory(RUN_ID)).toBeNull();
  });

  it('[P-23] no upload, message, event or ledger entry has a byte of it', async () => {
    const coordinator = await aCoordinator({ task: taskWith(TOP_K), rounds: 2, waits: true });
    const { participant, storage, seen } = await aFedParticipant(coordinator);
    await participant.start();
    await until(() => coordinator.uploads.length === 1);
    await reached(participant, 'reported');
    coordinator.commit();
    await until(() => coordinator.uploads.length === 2);
    const { residual } = await storedMemory(storage);
    const told = JSON.stringify([seen.everything, coordinator.received, await participant.ledger()]);
    const values = [...residual].filter((value) => value !== 0);
    expect(values.length).toBeGreaterThan(4);
    for (const value of values) {
      const bytes = Buffer.from(Float32Array.of(value).buffer);
      for (const upload of coordinator.uploads) expect(upload.includes(bytes)).toBe(false);
      expect(told).not.toContain(String(value));
    }
  });
});

async function openAs(kind: 'memory' | 'IndexedDB') {
  if (kind === 'memory') {
    const storage = createMemoryStorage();
    return { storage, reopen: async () => storage };
  }
  const name = `feedback-${crypto.randomUUID()}`;
  const storage = await openIndexedDbStorage(name);
  return {
    storage,
    reopen: async () => {
      storage.close();
      return openIndexedDbStorage(name);
    },
  };
}
