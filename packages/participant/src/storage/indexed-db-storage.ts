/** Keeps everything in one IndexedDB database: a reload, a crash or a closed tab forgets nothing. */
import type { ParticipationState, RunId } from '@tributary/fl-core';
import { type DBSchema, openDB } from 'idb';
import type { DeviceKey } from '../identity/device-key.ts';
import type { LedgerEntry } from '../ledger/ledger-entry.ts';
import type {
  ParticipantStorage,
  StoredCheckpoint,
  StoredModel,
  StoredUpdate,
} from '../ports/participant-storage.ts';
import { isOfRound, isSameCheckpoint } from './slots.ts';
import { committed } from './storage-fault.ts';

const SCHEMA_VERSION = 2;
const DEVICE = 'device';

interface ParticipantDatabase extends DBSchema {
  keys: { key: typeof DEVICE; value: DeviceKey };
  participations: { key: RunId; value: ParticipationState };
  models: { key: RunId; value: StoredModel };
  checkpoints: { key: RunId; value: StoredCheckpoint };
  updates: { key: RunId; value: StoredUpdate };
  sent: { key: RunId; value: StoredUpdate };
  ledger: { key: number; value: LedgerEntry };
}

const SLOTS = ['models', 'checkpoints', 'updates'] as const;
const STORES = ['keys', 'participations', ...SLOTS, 'sent', 'ledger'] as const;

export interface IndexedDbStorage extends ParticipantStorage {
  close(): void;
}

export async function openIndexedDbStorage(
  databaseName = 'tributary-participant',
): Promise<IndexedDbStorage> {
  const db = await openDB<ParticipantDatabase>(databaseName, SCHEMA_VERSION, {
    upgrade(opened) {
      const has: { contains(name: string): boolean } = opened.objectStoreNames;
      for (const name of STORES.filter((store) => !has.contains(store)))
        opened.createObjectStore(name, { autoIncrement: name === 'ledger' });
      // Version 1 sent a secret instead of signing with a key.
      if (has.contains('secrets')) opened.deleteObjectStore('secrets' as never);
    },
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });

  return {
    async deviceKey(create) {
      const stored = await db.get('keys', DEVICE);
      if (stored) return stored;
      const created = await create();
      // A transaction cannot wait for a key to be made; it decides which of two tabs was first.
      const transaction = db.transaction('keys', 'readwrite');
      const first = (await transaction.store.get(DEVICE)) ?? created;
      await committed(transaction, first === created ? [transaction.store.put(created, DEVICE)] : []);
      return first;
    },
    loadParticipation: async (runId) => (await db.get('participations', runId)) ?? null,
    saveParticipation: (runId, state) => put('participations', state, runId),
    async loadModel(runId, modelHash) {
      const model = await db.get('models', runId);
      return model?.modelHash === modelHash ? model : null;
    },
    saveModel: (model) => put('models', model, model.runId),
    async loadCheckpoint(key) {
      const checkpoint = await db.get('checkpoints', key.runId);
      return checkpoint && isSameCheckpoint(checkpoint, key) ? checkpoint : null;
    },
    saveCheckpoint: (checkpoint) => put('checkpoints', checkpoint, checkpoint.runId),
    async loadUpdate(runId, roundNumber) {
      const update = await db.get('updates', runId);
      return update && isOfRound(update, roundNumber) ? update : null;
    },
    saveUpdate: (update) => put('updates', update, update.runId),
    async forgetRound(runId, roundNumber) {
      const transaction = db.transaction(SLOTS, 'readwrite');
      for (const name of SLOTS) {
        const store = transaction.objectStore(name);
        if (isOfRound(await store.get(runId), roundNumber)) await store.delete(runId);
      }
      await transaction.done;
    },
    lastSentUpdate: async (runId) => (await db.get('sent', runId)) ?? null,
    keepSentUpdate: (update) => put('sent', update, update.runId),
    async appendToLedger(entries) {
      const transaction = db.transaction('ledger', 'readwrite');
      await committed(
        transaction,
        entries.map((entry) => transaction.store.add(entry)),
      );
    },
    readLedger: () => db.getAll('ledger'),
    async erase() {
      const transaction = db.transaction(STORES, 'readwrite');
      await committed(
        transaction,
        STORES.map((name) => transaction.objectStore(name).clear()),
      );
    },
    close: () => db.close(),
  };

  async function put<Name extends Exclude<(typeof STORES)[number], 'ledger' | 'keys'>>(
    name: Name,
    value: ParticipantDatabase[Name]['value'],
    runId: RunId,
  ): Promise<void> {
    const transaction = db.transaction(name, 'readwrite');
    await committed(transaction, [transaction.store.put(value, runId)]);
  }
}
