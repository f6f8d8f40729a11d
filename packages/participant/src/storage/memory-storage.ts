/** Forgets with the process: for Node, demonstrations and tests. */
import type { ParticipationState, RunId } from '@tributary/fl-core';
import type { DeviceKey } from '../identity/device-key.ts';
import type { LedgerEntry } from '../ledger/ledger-entry.ts';
import type {
  ParticipantStorage,
  StoredCheckpoint,
  StoredModel,
  StoredUpdate,
} from '../ports/participant-storage.ts';
import { isOfRound, isSameCheckpoint } from './slots.ts';

export function createMemoryStorage(): ParticipantStorage {
  let deviceKey: Promise<DeviceKey> | null = null;
  let ledger: LedgerEntry[] = [];
  const participations = new Map<RunId, ParticipationState>();
  const models = new Map<RunId, StoredModel>();
  const checkpoints = new Map<RunId, StoredCheckpoint>();
  const updates = new Map<RunId, StoredUpdate>();
  const sent = new Map<RunId, StoredUpdate>();
  const perRun = [participations, models, checkpoints, updates, sent];

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
    async saveUpdate(update) {
      updates.set(update.runId, structuredClone(update));
    },
    async forgetRound(runId, roundNumber) {
      for (const slots of [models, checkpoints, updates]) {
        if (isOfRound(slots.get(runId), roundNumber)) slots.delete(runId);
      }
    },
    lastSentUpdate: async (runId) => copy(sent.get(runId)),
    async keepSentUpdate(update) {
      sent.set(update.runId, structuredClone(update));
    },
    async appendToLedger(entries) {
      ledger.push(...structuredClone(entries));
    },
    readLedger: async () => structuredClone(ledger),
    async erase() {
      deviceKey = null;
      ledger = [];
      for (const slots of perRun) slots.clear();
    },
  };
}

function copy<T>(value: T | undefined): T | null {
  return value === undefined ? null : structuredClone(value);
}
