/** The vault in IndexedDB: it survives a reload, and nothing of it ever leaves the device. */
import { errorCodeOf, type RunId, TributaryError } from '@tributary/fl-core';
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from 'idb';
import { systemClock } from '../ports/clock.ts';
import { committed } from '../storage/storage-fault.ts';
import { createVault } from './create-vault.ts';
import type { DataSetId, DataSetSummary } from './data-set.ts';
import { deleteEarlierExamples, type EarlierRun, readEarlierExamples } from './earlier-examples.ts';
import { createKey } from './sealed-chunk.ts';
import type { Vault } from './vault.ts';
import type { DataSetRecord, StoredChunk, VaultRecords } from './vault-records.ts';

const SCHEMA_VERSION = 1;
const SEED = 'split-seed';
const PROBE = 'probe' as DataSetId;

interface VaultDatabase extends DBSchema {
  device: { key: typeof SEED; value: string };
  dataSets: { key: DataSetId; value: DataSetRecord };
  /** Data sets whose rows are still to be erased. */
  condemned: { key: DataSetId; value: true };
  chunks: { key: [DataSetId, number]; value: StoredChunk };
  keys: { key: DataSetId; value: CryptoKey };
  leftOut: { key: RunId; value: readonly DataSetId[] };
}
const STORES = ['device', 'dataSets', 'condemned', 'chunks', 'keys', 'leftOut'] as const;

export interface IndexedDbVault extends Vault {
  /** Takes over the examples that an earlier version kept for this run, once; null when there are none. */
  adoptEarlierExamples(run: EarlierRun): Promise<DataSetSummary | null>;
}

const DATABASE = 'tributary-vault';

export async function openIndexedDbVault(databaseName = DATABASE): Promise<IndexedDbVault> {
  const db = await openDB<VaultDatabase>(databaseName, SCHEMA_VERSION, {
    upgrade(created) {
      for (const store of STORES) created.createObjectStore(store);
    },
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
  const records = recordsIn(db);
  // A tab that died while it deleted has left rows behind; their key went first.
  await records.sweep();
  const vault = createVault(records, { canEncrypt: await canKeepKeys(db), now: systemClock.now });
  return {
    ...vault,
    async adoptEarlierExamples(run) {
      const earlier = await readEarlierExamples(run);
      if (!earlier) return null;
      const known = (await vault.list()).find(({ id }) => id === earlier.carried.id);
      const { dataSet, batch, carried } = earlier;
      try {
        const adopted = known ?? (await vault.carryOver(dataSet, batch, carried));
        await deleteEarlierExamples(run.runId);
        return adopted;
      } catch (error) {
        // Made for another schema than the run has now: they stay where they are.
        if (errorCodeOf(error) === 'data-invalid') return null;
        throw error;
      }
    },
    async deleteAll() {
      await vault.deleteAll();
      await deleteEarlierExamples();
    },
  };
}

/** All data sets and what decides their split, without a trace. Vaults that are open are closed by it. */
export const deleteIndexedDbVault = (databaseName = DATABASE): Promise<void> => deleteDB(databaseName);

/** Exported for tests that look behind the vault. */
export function recordsIn(db: IDBPDatabase<VaultDatabase>): VaultRecords {
  return {
    async deviceSeed(create) {
      // One transaction, so that two tabs opened at once agree on one seed.
      const transaction = db.transaction('device', 'readwrite');
      const stored = await transaction.store.get(SEED);
      const seed = stored ?? create();
      await committed(transaction, stored === undefined ? [transaction.store.put(seed, SEED)] : []);
      return seed;
    },
    listDataSets: () => db.getAll('dataSets'),
    readDataSet: async (id) => (await db.get('dataSets', id)) ?? null,
    readChunk: async (id, chunk) => (await db.get('chunks', [id, chunk])) ?? null,
    readKey: async (id) => (await db.get('keys', id)) ?? null,
    async commit({ record, expectedRevision, key, written, emptied }) {
      const transaction = db.transaction(['dataSets', 'chunks', 'keys'], 'readwrite');
      const chunks = transaction.objectStore('chunks');
      const stored = await transaction.objectStore('dataSets').get(record.id);
      if ((stored?.revision ?? null) !== expectedRevision) {
        throw new TributaryError('conflict', 'another change came first');
      }
      const write = async () => {
        // Each chunk waits for the one before, so that the page breathes in between.
        for (const [chunk, content] of written) await chunks.put(content, [record.id, chunk]);
        for (const chunk of emptied) await chunks.delete([record.id, chunk]);
        if (key) await transaction.objectStore('keys').put(key, record.id);
        await transaction.objectStore('dataSets').put(record, record.id);
      };
      await committed(transaction, [write()]);
    },
    async condemn(id) {
      const transaction = db.transaction(['dataSets', 'condemned', 'keys'], 'readwrite');
      await committed(transaction, [
        transaction.objectStore('keys').delete(id),
        transaction.objectStore('condemned').put(true, id),
        transaction.objectStore('dataSets').delete(id),
      ]);
    },
    async sweep() {
      for (const id of await db.getAllKeys('condemned')) {
        const transaction = db.transaction(['condemned', 'chunks'], 'readwrite');
        await committed(transaction, [
          transaction.objectStore('chunks').delete(IDBKeyRange.bound([id], [id, []])),
          transaction.objectStore('condemned').delete(id),
        ]);
      }
    },
    readLeftOut: async (runId) => (await db.get('leftOut', runId)) ?? [],
    async writeLeftOut(runId, ids) {
      const transaction = db.transaction('leftOut', 'readwrite');
      await committed(transaction, [transaction.store.put(ids, runId)]);
    },
    close: () => db.close(),
  };
}

/** Some private windows have cryptography and IndexedDB, but cannot put a key into it. */
async function canKeepKeys(db: IDBPDatabase<VaultDatabase>): Promise<boolean> {
  if (!globalThis.crypto?.subtle) return false;
  try {
    await db.put('keys', await createKey(), PROBE);
    await db.delete('keys', PROBE);
    return true;
  } catch {
    return false;
  }
}
