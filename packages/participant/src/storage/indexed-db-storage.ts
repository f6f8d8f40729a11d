/** Keeps everything in one IndexedDB database: a reload, a crash or a closed tab forgets nothing. */
import type { CodecMemory } from '@tributary/compression';
import {
  type BlobHash,
  type KeptMemory,
  type ParticipationState,
  type RunId,
  settledMemory,
} from '@tributary/fl-core';
import { type DBSchema, deleteDB, type IDBPObjectStore, openDB, type StoreNames } from 'idb';
import type { DeviceKey } from '../identity/device-key.ts';
import {
  KEEP_BOUNDS,
  type KeepBounds,
  type KeptPayload,
  keptPayloadOf,
  payloadsToForget,
  type Shelf,
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
import { committed } from './storage-fault.ts';

const SCHEMA_VERSION = 6;
const DEVICE = 'device';

interface ParticipantDatabase extends DBSchema {
  keys: { key: typeof DEVICE; value: DeviceKey };
  participations: { key: RunId; value: ParticipationState };
  models: { key: RunId; value: StoredModel };
  /** Numbered as they came. */
  baseModels: {
    key: number;
    value: { readonly hash: BlobHash; readonly frame: Uint8Array };
    indexes: { byHash: BlobHash };
  };
  checkpoints: { key: RunId; value: StoredCheckpoint };
  updates: { key: RunId; value: StoredUpdate };
  memories: { key: RunId; value: KeptMemory };
  /** The newest of each run. */
  spentRounds: { key: RunId; value: number };
  ledger: { key: number; value: LedgerEntry };
  kept: { key: string; value: KeptPayload; indexes: { byAge: [Shelf, number, number] } };
}

const SLOTS = ['checkpoints', 'updates'] as const;
/** What the end of a round frees or settles. */
const ROUND_STORES = [...SLOTS, 'memories'] as const;
const UPDATE_STORES = ['updates', 'memories'] as const;
const SPENDING_STORES = [...UPDATE_STORES, 'spentRounds'] as const;
const DEVICE_STORES = [
  'keys',
  'participations',
  'models',
  'baseModels',
  'spentRounds',
  'ledger',
  'kept',
] as const;
const STORES = [...DEVICE_STORES, ...ROUND_STORES] as const;

export interface IndexedDbStorage extends ParticipantStorage {
  close(): void;
}

export async function openIndexedDbStorage(
  databaseName = 'tributary-participant',
  bounds: KeepBounds = KEEP_BOUNDS,
): Promise<IndexedDbStorage> {
  const db = await openDB<ParticipantDatabase>(databaseName, SCHEMA_VERSION, {
    upgrade(opened, from) {
      // Versions before the third sent a secret instead of signing with a key, and kept nothing of what they listed.
      for (const name of [...opened.objectStoreNames] as string[])
        if (from < 3 && ['secrets', 'sent', 'ledger'].includes(name)) opened.deleteObjectStore(name as never);
      for (const name of STORES.filter((store) => !opened.objectStoreNames.contains(store))) {
        if (name === 'ledger') opened.createObjectStore(name, { keyPath: 'number', autoIncrement: true });
        else if (name === 'baseModels') {
          opened.createObjectStore(name, { autoIncrement: true }).createIndex('byHash', 'hash');
        } else if (name !== 'kept') opened.createObjectStore(name);
        else {
          const kept = opened.createObjectStore(name, { keyPath: 'sha256' });
          // With everything that decides what is kept, so that no payload need be read for that.
          kept.createIndex('byAge', ['shelf', 'number', 'size']);
        }
      }
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
    heldModel: async (runId) => (await db.get('models', runId)) ?? null,
    forgetModel: (runId) => db.delete('models', runId),
    loadBaseModel: async (hash) => (await db.getFromIndex('baseModels', 'byHash', hash))?.frame ?? null,
    async saveBaseModel(hash, frame) {
      const transaction = db.transaction('baseModels', 'readwrite');
      const requests = (async () => {
        const { store } = transaction;
        const same = await store.index('byHash').getKey(hash);
        if (same !== undefined) await store.delete(same);
        await store.add({ hash, frame });
        const numbers = await store.getAllKeys();
        for (const number of numbers.slice(0, -BASE_MODELS_KEPT)) await store.delete(number);
      })();
      await committed(transaction, [requests]);
    },
    async loadCheckpoint(key) {
      const checkpoint = await db.get('checkpoints', key.runId);
      return checkpoint && isSameCheckpoint(checkpoint, key) ? checkpoint : null;
    },
    saveCheckpoint: (checkpoint) => put('checkpoints', checkpoint, checkpoint.runId),
    async loadUpdate(runId, roundNumber) {
      const update = await db.get('updates', runId);
      return update && isOfRound(update, roundNumber) ? update : null;
    },
    async saveUpdate(update, pending) {
      const transaction = db.transaction(UPDATE_STORES, 'readwrite');
      const requests = [
        transaction.objectStore('updates').put(update, update.runId),
        keepPending(transaction.objectStore('memories'), update.runId, pending),
      ];
      await committed(transaction, requests);
    },
    async spendRound(update, pending) {
      const { runId, roundNumber } = update;
      // Relaxed, the default of browsers, may lose what was committed when the power fails.
      const transaction = db.transaction(SPENDING_STORES, 'readwrite', { durability: 'strict' });
      const spent = transaction.objectStore('spentRounds');
      // One transaction looks and writes, so that of two tabs only one can be first.
      const isFirst = ((await spent.get(runId)) ?? 0) < roundNumber;
      const requests = isFirst
        ? [
            transaction.objectStore('updates').put(update, runId),
            keepPending(transaction.objectStore('memories'), runId, pending),
            spent.put(roundNumber, runId),
          ]
        : [];
      await committed(transaction, requests);
      return isFirst;
    },
    spentRound: async (runId) => (await db.get('spentRounds', runId)) ?? 0,
    async forgetRound(runId, roundNumber, fate) {
      const transaction = db.transaction(ROUND_STORES, 'readwrite');
      for (const name of SLOTS) {
        const store = transaction.objectStore(name);
        if (isOfRound(await store.get(runId), roundNumber)) await store.delete(runId);
      }
      const memories = transaction.objectStore('memories');
      const memory = await memories.get(runId);
      const left = memory && settledMemory(memory, { roundNumber, fate });
      if (left && left !== memory) await memories.put(left, runId);
      if (!left) await memories.delete(runId);
      await transaction.done;
    },
    loadMemory: async (runId) => (await db.get('memories', runId))?.settled ?? null,
    forgetMemory: (runId) => db.delete('memories', runId),
    async appendToLedger(entry, payload) {
      const transaction = db.transaction(['ledger', 'kept'], 'readwrite');
      const requests = (async () => {
        // The database gives the number.
        const number = await transaction.objectStore('ledger').add(entry as LedgerEntry);
        const numbered = { ...entry, number };
        if (payload) await keep(transaction.objectStore('kept'), keptPayloadOf(numbered, payload), bounds);
        return numbered;
      })();
      await committed(transaction, [requests]);
      return requests;
    },
    async replaceInLedger(entry) {
      const transaction = db.transaction('ledger', 'readwrite');
      await committed(transaction, [transaction.store.put(entry)]);
    },
    readLedger: () => db.getAll('ledger'),
    sentPayload: async (sha256) => (await db.get('kept', sha256))?.payload ?? null,
    forgetPayloads: () => db.clear('kept'),
    async erase() {
      const transaction = db.transaction(STORES, 'readwrite');
      await committed(
        transaction,
        STORES.map((name) => transaction.objectStore(name).clear()),
      );
      // A tab that was too slow to hear of it still has the database open, and would write into it again. Deleting ends
      // its connection; where that tab is frozen, the browser deletes when it can.
      db.close();
      await new Promise<void>((resolve, reject) => {
        deleteDB(databaseName, { blocked: () => resolve() }).then(resolve, reject);
      });
    },
    close: () => db.close(),
  };

  async function put<Name extends 'participations' | 'models' | 'checkpoints'>(
    name: Name,
    value: ParticipantDatabase[Name]['value'],
    runId: RunId,
  ): Promise<void> {
    const transaction = db.transaction(name, 'readwrite');
    await committed(transaction, [transaction.store.put(value, runId)]);
  }
}

async function keepPending<Stores extends ArrayLike<StoreNames<ParticipantDatabase>>>(
  store: IDBPObjectStore<ParticipantDatabase, Stores, 'memories', 'readwrite'>,
  runId: RunId,
  pending: CodecMemory | null,
): Promise<void> {
  if (pending === null) return;
  const { settled } = (await store.get(runId)) ?? { settled: null };
  await store.put({ settled, pending }, runId);
}

async function keep(
  store: IDBPObjectStore<ParticipantDatabase, ['ledger', 'kept'], 'kept', 'readwrite'>,
  payload: KeptPayload,
  bounds: KeepBounds,
): Promise<void> {
  await store.put(payload);
  const { shelf } = payload;
  const ofShelf = IDBKeyRange.bound([shelf, 0, 0], [shelf, Infinity, Infinity]);
  const byAge = store.index('byAge');
  if (shelf === 'messages' && (await byAge.count(ofShelf)) <= bounds.messages) return;
  const newestFirst: { readonly sha256: string; readonly size: number }[] = [];
  for (let at = await byAge.openKeyCursor(ofShelf, 'prev'); at; at = await at.continue())
    newestFirst.push({ sha256: at.primaryKey, size: at.key[2] });
  for (const { sha256 } of payloadsToForget(shelf, newestFirst, bounds)) await store.delete(sha256);
}
