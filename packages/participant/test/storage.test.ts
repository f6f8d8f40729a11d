import 'fake-indexeddb/auto';
import { type BlobHash, type RunId, startParticipation } from '@tributary/fl-core';
import { openDB } from 'idb';
import { expect, it, vi } from 'vitest';
import { createMemoryStorage, openDeviceIdentity, openIndexedDbStorage } from '../src/index.ts';
import { SMALL_BOUNDS, storageContract } from './storage.contract.ts';

storageContract('memory', async () => {
  const storage = createMemoryStorage(SMALL_BOUNDS);
  return { storage, reopen: async () => storage };
});

storageContract('IndexedDB', async () => {
  const name = `storage-${crypto.randomUUID()}`;
  const storage = await openIndexedDbStorage(name, SMALL_BOUNDS);
  return {
    storage,
    reopen: async () => {
      storage.close();
      return openIndexedDbStorage(name, SMALL_BOUNDS);
    },
  };
});

it('[L-4] lets no tab write into what another one erased', async () => {
  const name = 'two-tabs';
  const slow = await openIndexedDbStorage(name);
  const erasing = await openIndexedDbStorage(name);
  await slow.saveParticipation('run-one' as RunId, startParticipation());
  await erasing.erase();
  await expect(slow.saveParticipation('run-one' as RunId, startParticipation())).rejects.toThrow();
  const reopened = await openIndexedDbStorage(name);
  expect(await reopened.loadParticipation('run-one' as RunId)).toBeNull();
  reopened.close();
});

it('opens what version 1 left, without its device secret', async () => {
  const name = 'from-version-1';
  const old = await openDB(name, 1, {
    upgrade(created) {
      for (const store of ['secrets', 'participations', 'models', 'checkpoints', 'updates', 'sent'])
        created.createObjectStore(store);
      created.createObjectStore('ledger', { autoIncrement: true });
    },
  });
  await old.put('secrets', 'ab'.repeat(32), 'device');
  await old.put('participations', { ...startParticipation(), contributions: 4 }, 'run-one');
  old.close();

  const storage = await openIndexedDbStorage(name);
  expect(await storage.loadParticipation('run-one' as RunId)).toMatchObject({ contributions: 4 });
  expect((await openDeviceIdentity(storage)).clientId).toMatch(/^[0-9a-f]{32}$/);
  storage.close();
  const now = await openDB(name);
  expect([...now.objectStoreNames]).not.toContain('secrets');
  now.close();
});

it('keeps the ledger that version 3 wrote', async () => {
  const name = 'from-version-3';
  const old = await openDB(name, 3, {
    upgrade(created) {
      for (const store of ['keys', 'participations', 'models', 'checkpoints', 'updates'])
        created.createObjectStore(store);
      created.createObjectStore('ledger', { keyPath: 'number', autoIncrement: true });
      const kept = created.createObjectStore('kept', { keyPath: 'sha256' });
      kept.createIndex('byAge', ['shelf', 'number', 'size']);
    },
  });
  const entry = {
    ...{ at: 1, runId: 'run-one', kind: 'message', subject: 'leave', times: 1, bytes: 2 },
    ...{ sha256: 'ab'.repeat(32), roundNumber: null },
  };
  await old.add('ledger', entry);
  old.close();

  const storage = await openIndexedDbStorage(name);
  expect(await storage.readLedger()).toEqual([{ ...entry, number: 1 }]);
  storage.close();
});

it('opens what version 4 left, with the update that it was about to send', async () => {
  const name = 'from-version-4';
  const old = await openDB(name, 4, {
    upgrade(created) {
      for (const store of ['keys', 'participations', 'models', 'checkpoints', 'updates'])
        created.createObjectStore(store);
      created.createObjectStore('baseModels', { autoIncrement: true }).createIndex('byHash', 'hash');
      created.createObjectStore('ledger', { keyPath: 'number', autoIncrement: true });
      const kept = created.createObjectStore('kept', { keyPath: 'sha256' });
      kept.createIndex('byAge', ['shelf', 'number', 'size']);
    },
  });
  const update = { runId: 'run-one', roundNumber: 3, updateHash: 'ab'.repeat(32), frame: Uint8Array.of(1) };
  await old.put('updates', update, 'run-one');
  old.close();

  const storage = await openIndexedDbStorage(name);
  expect(await storage.loadUpdate('run-one' as RunId, 3)).toEqual(update);
  expect(await storage.spentRound('run-one' as RunId)).toBe(0);
  storage.close();
});

it('[P-23] keeps what a code lost in a database that version 5 made, beside what is there', async () => {
  const name = 'from-version-5';
  const old = await openDB(name, 5, {
    upgrade(created) {
      for (const store of ['keys', 'participations', 'models', 'checkpoints', 'updates', 'spentRounds'])
        created.createObjectStore(store);
      created.createObjectStore('baseModels', { autoIncrement: true }).createIndex('byHash', 'hash');
      created.createObjectStore('ledger', { keyPath: 'number', autoIncrement: true });
      const kept = created.createObjectStore('kept', { keyPath: 'sha256' });
      kept.createIndex('byAge', ['shelf', 'number', 'size']);
    },
  });
  const runId = 'run-one' as RunId;
  const update = { runId, roundNumber: 3, updateHash: 'ab'.repeat(32) as BlobHash, exampleCount: 1 };
  await old.put('updates', { ...update, frame: Uint8Array.of(1) }, runId);
  await old.put('spentRounds', 3, runId);
  await old.put('participations', { ...startParticipation(), contributions: 4 }, runId);
  old.close();

  const storage = await openIndexedDbStorage(name);
  expect(await storage.loadParticipation(runId)).toMatchObject({ contributions: 4 });
  expect((await storage.loadUpdate(runId, 3))?.frame).toEqual(Uint8Array.of(1));
  expect(await storage.spentRound(runId)).toBe(3);
  expect(await storage.loadMemory(runId)).toBeNull();
  const memory = { roundNumber: 4, residual: Float32Array.of(0.5) };
  await storage.saveUpdate({ ...update, roundNumber: 4, frame: Uint8Array.of(2) }, memory);
  await storage.forgetRound(runId, 4, 'counted');
  expect(await storage.loadMemory(runId)).toEqual(memory);
  storage.close();
});

it('[P-20] flushes a spent round to the disk, where the platform would rather wait', async () => {
  const storage = await openIndexedDbStorage('strict');
  const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction');
  const update = { runId: 'run-one', roundNumber: 1, updateHash: 'ab'.repeat(32), exampleCount: 1 };
  await storage.spendRound({ ...update, frame: Uint8Array.of(1) } as never, null);
  expect(transaction.mock.calls.map(([, mode, options]) => [mode, options])).toEqual([
    ['readwrite', { durability: 'strict' }],
  ]);
  transaction.mockRestore();
  storage.close();
});

it('keeps a plain key where the browser cannot store its own', async () => {
  const storage = await openIndexedDbStorage('private-window');
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(() => {
    throw new DOMException('a CryptoKey cannot be stored here', 'DataCloneError');
  });
  const identity = await openDeviceIdentity(storage);
  put.mockRestore();
  expect(await storage.deviceKey(() => Promise.reject())).toMatchObject({ kind: 'plain' });
  expect((await openDeviceIdentity(storage)).publicKey).toBe(identity.publicKey);
});

it('says storage-full when the device has no room left', async () => {
  const storage = await openIndexedDbStorage('full');
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore) {
    // A full disk shows at commit: the transaction aborts with this error (W3C IndexedDB 3.0, section 5.4).
    const { transaction } = this;
    Object.defineProperty(transaction, 'error', { value: new DOMException('full', 'QuotaExceededError') });
    queueMicrotask(() => transaction.abort());
    return this.get(0);
  });
  await expect(storage.saveParticipation('run-one' as never, {} as never)).rejects.toMatchObject({
    code: 'storage-full',
  });
  put.mockRestore();
});
