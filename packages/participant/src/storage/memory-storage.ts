/** Forgets with the process: for Node, demonstrations and tests. */
import {
  type BlobHash,
  type KeptMemory,
  type ParticipationState,
  type RunId,
  settledMemory,
} from '@tributary/fl-core';
import type { DeviceKey } from '../identity/device-key.ts';
import {
  KEEP_BOUNDS,
  type KeepBounds,
  type KeptPayload,
  keptPayloadOf,
  payloadsToForget,
} from '../ledger/kept-payloads.ts';
import type { LedgerEntry } from '../ledger/ledger-entry.ts';
import {
  BASE_MODELS_KEPT,
  type ParticipantStorage,
  type StoredCheckpoint,
  type StoredModel,
  type StoredUpdate,
} from '../ports/participant-storage.ts';
import { isOfRound, isSameCheckpoint } from './slots.ts';

/** Of uploads only the newest is kept: a process with many participants would drown in the others. */
const BOUNDS: KeepBounds = { ...KEEP_BOUNDS, uploadBytes: 0 };

export function createMemoryStorage(bounds: KeepBounds = BOUNDS): ParticipantStorage {
  let deviceKey: Promise<DeviceKey> | null = null;
  let ledger: LedgerEntry[] = [];
  const participations = new Map<RunId, ParticipationState>();
  const models = new Map<RunId, StoredModel>();
  const checkpoints = new Map<RunId, StoredCheckpoint>();
  const updates = new Map<RunId, StoredUpdate>();
  const memories = new Map<RunId, KeptMemory>();
  const spentRounds = new Map<RunId, number>();
  /** Oldest first. */
  const baseModels = new Map<BlobHash, Uint8Array>();
  const slots = [participations, models, checkpoints, updates, memories, spentRounds, baseModels];
  let lastNumber = 0;
  const kept = new Map<string, KeptPayload>();

  return {
    deviceKey(create) {
      deviceKey ??= create().catch((error) => {
        deviceKey = null;
        throw error;
      });
      return deviceKey;
    },
    loadParticipation: async (runId) => copy(participations.get(runId)),
    async saveParticipation(runId, state) {
      participations.set(runId, structuredClone(state));
    },
    async loadModel(runId, modelHash) {
      const model = models.get(runId);
      return model?.modelHash === modelHash ? copy(model) : null;
    },
    async saveModel(model) {
      models.set(model.runId, structuredClone(model));
    },
    heldModel: async (runId) => copy(models.get(runId)),
    async forgetModel(runId) {
      models.delete(runId);
    },
    loadBaseModel: async (hash) => baseModels.get(hash)?.slice() ?? null,
    async saveBaseModel(hash, frame) {
      baseModels.delete(hash);
      baseModels.set(hash, frame.slice());
      for (const oldest of [...baseModels.keys()].slice(0, -BASE_MODELS_KEPT)) baseModels.delete(oldest);
    },
    async loadCheckpoint(key) {
      const checkpoint = checkpoints.get(key.runId);
      return checkpoint && isSameCheckpoint(checkpoint, key) ? copy(checkpoint) : null;
    },
    async saveCheckpoint(checkpoint) {
      checkpoints.set(checkpoint.runId, structuredClone(checkpoint));
    },
    async loadUpdate(runId, roundNumber) {
      const update = updates.get(runId);
      return isOfRound(update, roundNumber) ? copy(update) : null;
    },
    async saveUpdate(update, pending) {
      updates.set(update.runId, structuredClone(update));
      keepPending(update.runId, pending);
    },
    async spendRound(update, pending) {
      const { runId, roundNumber } = update;
      if ((spentRounds.get(runId) ?? 0) >= roundNumber) return false;
      spentRounds.set(runId, roundNumber);
      updates.set(runId, structuredClone(update));
      keepPending(runId, pending);
      return true;
    },
    spentRound: async (runId) => spentRounds.get(runId) ?? 0,
    async forgetRound(runId, roundNumber, fate) {
      for (const slots of [checkpoints, updates]) {
        if (isOfRound(slots.get(runId), roundNumber)) slots.delete(runId);
      }
      const memory = memories.get(runId);
      const left = memory && settledMemory(memory, { roundNumber, fate });
      if (left) memories.set(runId, left);
      else memories.delete(runId);
    },
    loadMemory: async (runId) => copy(memories.get(runId)?.settled ?? undefined),
    async forgetMemory(runId) {
      memories.delete(runId);
    },
    async appendToLedger(entry, payload) {
      lastNumber += 1;
      const numbered = { ...entry, number: lastNumber };
      ledger.push(numbered);
      if (payload) keep(keptPayloadOf(numbered, payload.slice()));
      return { ...numbered };
    },
    async replaceInLedger(entry) {
      ledger = ledger.map((other) => (other.number === entry.number ? { ...entry } : other));
    },
    readLedger: async () => structuredClone(ledger),
    sentPayload: async (sha256) => kept.get(sha256)?.payload.slice() ?? null,
    async forgetPayloads() {
      kept.clear();
    },
    async erase() {
      deviceKey = null;
      ledger = [];
      kept.clear();
      for (const slot of slots) slot.clear();
    },
  };

  function keepPending(runId: RunId, pending: KeptMemory['pending']): void {
    if (pending === null) return;
    const { settled } = memories.get(runId) ?? { settled: null };
    memories.set(runId, { settled, pending: structuredClone(pending) });
  }

  function keep(payload: KeptPayload): void {
    // Anew at the end, so that the map is in the order of the newest use.
    kept.delete(payload.sha256);
    kept.set(payload.sha256, payload);
    const newestFirst = [...kept.values()].filter(({ shelf }) => shelf === payload.shelf).reverse();
    for (const { sha256 } of payloadsToForget(payload.shelf, newestFirst, bounds)) kept.delete(sha256);
  }
}

function copy<T>(value: T | undefined): T | null {
  return value === undefined ? null : structuredClone(value);
}
