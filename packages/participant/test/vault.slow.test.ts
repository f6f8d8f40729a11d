import 'fake-indexeddb/auto';
import { type RunId, TributaryError } from '@tributary/fl-core';
import { openDB } from 'idb';
import { expect, it, vi } from 'vitest';
import { createVault } from '../src/data/create-vault.ts';
import type { DataSetId } from '../src/data/data-set.ts';
import { createMemoryRecords } from '../src/data/memory-vault.ts';
import { createMemoryVault, openIndexedDbVault, privateDataOf, type Vault } from '../src/index.ts';
import { batchOf, images, newSet, PIXELS, vaultContract } from './vault.contract.ts';

vaultContract(
  'memory',
  async () => {
    const vault = createMemoryVault();
    return { vault, reopen: async () => vault };
  },
  { encrypted: false },
);

async function inDatabase() {
  const name = `vault-${crypto.randomUUID()}`;
  const vault = await openIndexedDbVault(name);
  const reopen = async () => {
    vault.close();
    return openIndexedDbVault(name);
  };
  return { name, vault, reopen };
}

vaultContract('IndexedDB', inDatabase, { encrypted: false });
vaultContract('encrypted IndexedDB', inDatabase, { encrypted: true });

/** Everything that lies in the database, as one text of bytes. */
async function storedBytes(name: string): Promise<string> {
  const db = await openDB(name);
  const values = await db.getAll('chunks');
  db.close();
  const texts: string[] = [];
  const collect = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) {
      texts.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1'));
    } else if (typeof value === 'object' && value !== null) {
      for (const part of Object.values(value)) collect(part);
    }
  };
  collect(values);
  return texts.join('|');
}

async function sizeOf(name: string, store: string): Promise<number> {
  const db = await openDB(name);
  const count = await db.count(store);
  db.close();
  return count;
}

/** Pixels that spell a word which nothing else in a database does. */
const canary = 'NOBODY-READS-THIS';
const canaryBatch = () => {
  const inputs = new Uint8Array(PIXELS * 200);
  inputs.set(new TextEncoder().encode(canary));
  return { inputs, rowSize: PIXELS, labels: new Int32Array(200).fill(2) };
};

it('stores no byte of an encrypted row in the clear, also after a change; a plain one it does', async () => {
  const { name, vault } = await inDatabase();
  const plain = await vault.create(newSet(), canaryBatch());
  expect(await storedBytes(name)).toContain(canary);
  await vault.deleteDataSet(plain.id);
  const { id } = await vault.create(newSet({ encrypted: true }), canaryBatch());
  await vault.relabel(id, [0, 1], 1);
  await vault.deleteRows(id, [150]);
  expect(await storedBytes(name)).not.toContain(canary);
  expect(await storedBytes(name)).not.toContain(canary.slice(0, PIXELS));
  const rows = await vault.rows(id, 0, 5);
  expect(Buffer.from(rows.inputs as Uint8Array).toString('latin1')).toContain(canary);
  vault.close();
});

it('keeps a key that cannot be exported, and takes a fresh IV each time a chunk is written', async () => {
  const { name, vault } = await inDatabase();
  const { id } = await vault.create(newSet({ encrypted: true }), batchOf(2));
  const ivs: string[] = [];
  for (let i = 0; i < 4; i += 1) {
    await vault.relabel(id, [0], (i + 1) % 3);
    const db = await openDB(name);
    ivs.push(Buffer.from((await db.getAll('chunks'))[0].iv).toString('hex'));
    const [key] = (await db.getAll('keys')) as CryptoKey[];
    expect(key!.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('raw', key!)).rejects.toThrow();
    db.close();
  }
  expect(new Set(ivs).size).toBe(4);
});

it('refuses a chunk in the place of another, and one that was changed', async () => {
  const { name, vault } = await inDatabase();
  const { id } = await vault.create(newSet({ encrypted: true }), batchOf(1000));
  const db = await openDB(name);
  const [first, second] = await db.getAll('chunks');
  await db.put('chunks', second, [id, 0]);
  await expect(vault.rows(id, 0, 1)).rejects.toMatchObject({ code: 'data-unreadable' });
  first.ciphertext[20] ^= 1;
  await db.put('chunks', first, [id, 0]);
  await expect(vault.rows(id, 0, 1)).rejects.toMatchObject({ code: 'data-unreadable' });
  expect((await vault.rows(id, 600, 1)).numbers).toEqual(Uint32Array.of(600));
  db.close();
});

it('leaves neither key nor rows of a deleted data set', async () => {
  const { name, vault } = await inDatabase();
  const { id } = await vault.create(newSet({ encrypted: true }), batchOf(1200));
  await vault.create(newSet(), batchOf(3));
  expect(await sizeOf(name, 'chunks')).toBe(4);
  await vault.deleteDataSet(id);
  expect(await sizeOf(name, 'keys')).toBe(0);
  expect(await sizeOf(name, 'chunks')).toBe(1);
  await vault.deleteAll();
  expect(await sizeOf(name, 'chunks')).toBe(0);
});

it('destroys the key first: a tab that dies before the rows are erased leaves nothing readable, and the next visit erases it', async () => {
  const { name, vault } = await inDatabase();
  const { id } = await vault.create(newSet({ encrypted: true }), batchOf(1200));
  const clear = vi.spyOn(IDBObjectStore.prototype, 'delete').mockImplementation(function (
    this: IDBObjectStore,
    key,
  ) {
    if (this.name === 'chunks') throw new DOMException('the tab died', 'AbortError');
    return deleting.call(this, key);
  });
  await expect(vault.deleteDataSet(id)).rejects.toThrow();
  clear.mockRestore();
  expect(await sizeOf(name, 'chunks')).toBe(3);
  expect(await sizeOf(name, 'keys')).toBe(0);
  expect(await vault.list()).toEqual([]);
  vault.close();
  (await openIndexedDbVault(name)).close();
  expect(await sizeOf(name, 'chunks')).toBe(0);
  expect(await sizeOf(name, 'condemned')).toBe(0);
});
const deleting = IDBObjectStore.prototype.delete;

/** The device is full at the n-th write of the next transaction: it aborts as W3C IndexedDB 3.0, section 5.4, says. */
function fullAtWrite(write: number) {
  const putting = IDBObjectStore.prototype.put;
  let writes = 0;
  return vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
    this: IDBObjectStore,
    ...args
  ) {
    writes += 1;
    if (writes === write) {
      const { transaction } = this;
      Object.defineProperty(transaction, 'error', { value: new DOMException('full', 'QuotaExceededError') });
      queueMicrotask(() => transaction.abort());
      return this.get([]);
    }
    return putting.apply(this, args);
  });
}

it.each([
  ['creating a data set', (vault: Vault) => vault.create(newSet(), batchOf(1200, 1200))],
  ['adding rows', (vault: Vault, id: DataSetId) => vault.add(id, batchOf(1200, 1200))],
  ['relabelling', (vault: Vault, id: DataSetId) => vault.relabel(id, [0, 600], 2)],
  ['deleting rows', (vault: Vault, id: DataSetId) => vault.deleteRows(id, [0, 600])],
] as const)('loses nothing when the device is full at any moment of %s', async (_, change) => {
  for (const encrypted of [false, true]) {
    let failures = 0;
    for (let write = 1; ; write += 1) {
      const { vault, reopen } = await inDatabase();
      const { id } = await vault.create(newSet({ encrypted }), batchOf(1200));
      const before = [await vault.list(), await vault.rows(id, 0, 5000)];
      const full = fullAtWrite(write);
      const outcome = await change(vault, id).then(
        () => 'done',
        (error) => error.code,
      );
      full.mockRestore();
      if (outcome === 'done') break;
      failures += 1;
      expect(outcome).toBe('storage-full');
      const reopened = await reopen();
      expect([await reopened.list(), await reopened.rows(id, 0, 5000)]).toEqual(before);
      // And there is room again.
      await change(reopened, id);
      reopened.close();
    }
    expect(failures).toBeGreaterThan(1);
  }
});

it('takes back what created a data set, but not the rows that another tab added to it', async () => {
  const records = createMemoryRecords('shared');
  const open = () => createVault(records, { canEncrypt: false, now: () => 0 });
  const [tab, otherTab] = [open(), open()];
  const { id } = await tab.create(newSet(), batchOf(5));
  await otherTab.add(id, batchOf(3, 5));
  await tab.undo();
  expect((await tab.rows(id, 0, 10)).numbers).toEqual(Uint32Array.of(5, 6, 7));
});

it('does not forget deleted rows when the device had no room to put them back', async () => {
  const records = createMemoryRecords('shared');
  let isFull = false;
  const commit: typeof records.commit = async (change) => {
    if (isFull) throw new TributaryError('storage-full', 'no room');
    return records.commit(change);
  };
  const vault = createVault({ ...records, commit }, { canEncrypt: false, now: () => 0 });
  const { id } = await vault.create(newSet(), batchOf(5));
  await vault.deleteRows(id, [1, 2]);
  isFull = true;
  await expect(vault.undo()).rejects.toMatchObject({ code: 'storage-full' });
  isFull = false;
  expect(await vault.undo()).toMatchObject({ kind: 'deleted', rowCount: 2 });
  expect((await vault.rows(id, 0, 10)).numbers).toEqual(Uint32Array.of(0, 1, 2, 3, 4));
});

it('makes a change again that another tab overtook', async () => {
  const { name, vault } = await inDatabase();
  const other = await openIndexedDbVault(name);
  const { id } = await vault.create(newSet({ encrypted: true }), batchOf(10));
  await Promise.all([
    ...[0, 1, 2, 3].map((row) => vault.relabel(id, [row], 2)),
    ...[4, 5, 6, 7].map((row) => other.relabel(id, [row], 2)),
    other.add(id, batchOf(5, 10)),
  ]);
  const rows = await vault.rows(id, 0, 100);
  expect([...rows.labels.subarray(0, 8)]).toEqual(Array(8).fill(2));
  expect(rows.labels).toHaveLength(15);
  expect((await vault.list())[0]!.rowCount).toBe(15);
});

it('puts a training set together again when a row comes while it is read', async () => {
  const records = createMemoryRecords();
  let isFirst = true;
  let arrived = async () => {};
  const vault = createVault(
    {
      ...records,
      async readChunk(id, chunk) {
        if (isFirst && chunk === 1) {
          isFirst = false;
          await arrived();
        }
        return records.readChunk(id, chunk);
      },
    },
    { canEncrypt: false, now: () => 0 },
  );
  const { id } = await vault.create(newSet(), batchOf(1000));
  arrived = () => vault.add(id, batchOf(50, 1000));
  const data = privateDataOf(vault, { runId: 'run-one' as RunId, data: images });
  const training = await data.trainingExamples();
  expect(training.count + (await data.heldOutExamples())!.count).toBe(1050);
});

it('leaves the event loop a turn between any two chunks, while it stores and while it assembles', async () => {
  const { vault } = await inDatabase();
  const turns = new Set<number>();
  let turn = 0;
  const counting = setInterval(() => {
    turn += 1;
  }, 0);
  const passChunk = () => {
    turns.add(turn);
    // Busy for longer than the timer waits, so that it is due when its turn comes.
    for (const from = performance.now(); performance.now() - from < 3; );
  };
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
    this: IDBObjectStore,
    ...args
  ) {
    if (this.name === 'chunks') passChunk();
    return putting.apply(this, args);
  });
  const { id } = await vault.create(newSet(), batchOf(5 * 512));
  put.mockRestore();
  expect(turns.size).toBe(5);
  turns.clear();
  for await (const _ of vault.portions(id)) passChunk();
  clearInterval(counting);
  expect(turns.size).toBe(5);
});
const putting = IDBObjectStore.prototype.put;

/** A database as version 0.1 wrote it, one per run. */
async function earlierDatabase(runId: string) {
  const db = await openDB(`tributary-examples-${runId}`, 1, {
    upgrade(created) {
      created.createObjectStore('inventory');
      created.createObjectStore('chunks', { autoIncrement: true });
    },
  });
  const { inputs, labels } = batchOf(6);
  const held = [0, 1, 0, 0, 1, 0];
  for (const [from, to] of [
    [0, 4],
    [4, 6],
  ] as const) {
    await db.add('chunks', {
      inputs: inputs.slice(from * PIXELS, to * PIXELS),
      labels: labels.slice(from, to),
      heldOut: Uint8Array.from(held.slice(from, to)),
    });
  }
  await db.put('inventory', { count: 6, rowSize: PIXELS, labelsPerExample: 1 }, 'inventory');
  db.close();
  return held;
}

it('takes over the examples of a run from before there were data sets, with their split, once', async () => {
  const held = await earlierDatabase('run-old');
  const { vault } = await inDatabase();
  const run = { runId: 'run-old' as RunId, schema: images, name: 'From before' };
  const adopted = await vault.adoptEarlierExamples(run);
  expect(adopted).toMatchObject({ name: 'From before', rowCount: 6, source: { kind: 'earlier' } });
  const rows = await vault.rows(adopted!.id, 0, 10);
  expect([...rows.heldOut]).toEqual(held);
  expect(rows.inputs).toEqual(batchOf(6).inputs);
  expect(await vault.adoptEarlierExamples(run)).toBeNull();
  expect(await vault.adoptEarlierExamples({ ...run, runId: 'run-none' as RunId })).toBeNull();
  expect((await indexedDB.databases()).filter(({ name }) => name!.includes('run-'))).toEqual([]);
});

it('takes them over once even when the tab died before the old ones were deleted', async () => {
  await earlierDatabase('run-old');
  const { vault } = await inDatabase();
  const run = { runId: 'run-old' as RunId, schema: images, name: 'From before' };
  await vault.adoptEarlierExamples(run);
  await earlierDatabase('run-old');
  await vault.adoptEarlierExamples(run);
  expect((await vault.list()).map(({ rowCount }) => rowCount)).toEqual([6]);
});

it('leaves old examples that do not fit where they are, until everything is deleted', async () => {
  await earlierDatabase('run-old');
  const { vault } = await inDatabase();
  const wide = { ...images, width: 3 };
  const few = { ...images, labels: ['a', 'b'] };
  const run = { runId: 'run-old' as RunId, name: 'From before' };
  expect(await vault.adoptEarlierExamples({ ...run, schema: wide })).toBeNull();
  expect(await vault.adoptEarlierExamples({ ...run, schema: few })).toBeNull();
  expect(await vault.list()).toEqual([]);
  await vault.deleteAll();
  expect((await indexedDB.databases()).filter(({ name }) => name!.includes('run-old'))).toEqual([]);
});
