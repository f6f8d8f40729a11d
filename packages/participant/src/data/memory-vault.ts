/** A vault that is gone with the process: for private windows, Node, demonstrations and tests. */
import { type RunId, TributaryError } from '@tributary/fl-core';
import { systemClock } from '../ports/clock.ts';
import { createVault } from './create-vault.ts';
import type { DataSetId } from './data-set.ts';
import type { Vault } from './vault.ts';
import type { DataSetRecord, StoredChunk, VaultRecords } from './vault-records.ts';

/** `deviceSeed` decides the split; the same seed holds the same rows out. */
export function createMemoryVault(deviceSeed?: string): Vault {
  // Nothing is at rest here that a key could protect.
  return createVault(createMemoryRecords(deviceSeed), { canEncrypt: false, now: systemClock.now });
}

export function createMemoryRecords(deviceSeed?: string): VaultRecords {
  let seed = deviceSeed;
  const dataSets = new Map<DataSetId, DataSetRecord>();
  const chunks = new Map<DataSetId, Map<number, StoredChunk>>();
  const keys = new Map<DataSetId, CryptoKey>();
  const leftOut = new Map<RunId, readonly DataSetId[]>();

  return {
    async deviceSeed(create) {
      seed ??= create();
      return seed;
    },
    listDataSets: async () => [...dataSets.values()],
    readDataSet: async (id) => dataSets.get(id) ?? null,
    readChunk: async (id, chunk) => chunks.get(id)?.get(chunk) ?? null,
    readKey: async (id) => keys.get(id) ?? null,
    async commit({ record, expectedRevision, key, written, emptied }) {
      if ((dataSets.get(record.id)?.revision ?? null) !== expectedRevision) {
        throw new TributaryError('conflict', 'another change came first');
      }
      const next = new Map(chunks.get(record.id));
      for (const [chunk, content] of written) next.set(chunk, content);
      for (const chunk of emptied) next.delete(chunk);
      chunks.set(record.id, next);
      dataSets.set(record.id, record);
      if (key) keys.set(record.id, key);
    },
    async condemn(id) {
      keys.delete(id);
      dataSets.delete(id);
    },
    async sweep() {
      for (const id of chunks.keys()) if (!dataSets.has(id)) chunks.delete(id);
    },
    readLeftOut: async (runId) => leftOut.get(runId) ?? [],
    async writeLeftOut(runId, ids) {
      leftOut.set(runId, ids);
    },
    close() {},
  };
}
