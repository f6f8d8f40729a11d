/** What every update store must do. */
import { readFile } from 'node:fs/promises';
import { type BlobHash, blobHashOf, type ClientId } from '@tributary/fl-core';
import { describe, expect, test } from 'vitest';
import type { BlobLocation } from '../../src/storage/blob-store.ts';
import type { UpdateStore, UploadName } from '../../src/storage/update-store.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const content = bytes(1, 2, 3, 4, 5);
const name = (digit: string, of: Uint8Array = content): UploadName => ({
  clientId: digit.repeat(32) as ClientId,
  updateHash: blobHashOf(of),
});
const ALICE = name('a');
const BOB = name('b');

const readAt = async (at: BlobLocation) => [...('path' in at ? await readFile(at.path) : at.bytes)];

async function write(store: UpdateStore, upload: UploadName, offset: number, ...chunks: Uint8Array[]) {
  const file = await store.open(upload, offset);
  await file.append(chunks);
  await file.sync();
  await file.close();
}

export function updateStoreContract(kind: string, open: () => Promise<UpdateStore>): void {
  describe(`update store: ${kind}`, () => {
    test('an upload grows in several goes, and is an update once it is kept', async () => {
      const store = await open();
      expect(await store.held(ALICE)).toBe(0);
      await write(store, ALICE, 0, bytes(1), bytes(2, 3));
      expect(await store.held(ALICE)).toBe(3);
      await write(store, ALICE, 3, bytes(4), bytes(), bytes(5));
      expect(await readAt(store.locateUpload(ALICE))).toEqual([...content]);
      expect(await store.list()).toEqual([]);
      await store.keep(ALICE);
      expect(await store.list()).toEqual([ALICE.updateHash]);
      expect(await readAt(store.locate(ALICE.updateHash))).toEqual([...content]);
      expect(await store.held(ALICE)).toBe(0);
    });

    test('what lies behind the offset is cut off, and everything is at the beginning', async () => {
      const store = await open();
      await write(store, ALICE, 0, bytes(1, 2, 9, 9));
      await write(store, ALICE, 2, bytes(3));
      expect(await readAt(store.locateUpload(ALICE))).toEqual([1, 2, 3]);
      await write(store, ALICE, 0);
      expect(await store.held(ALICE)).toBe(0);
    });

    test('equal bytes of two senders are two uploads and one update', async () => {
      const store = await open();
      await write(store, ALICE, 0, content);
      await write(store, BOB, 0, bytes(1));
      await store.keep(ALICE);
      expect(await store.held(BOB)).toBe(1);
      await write(store, BOB, 0, content);
      await store.keep(BOB);
      expect(await store.list()).toEqual([ALICE.updateHash]);
    });

    test('what was discarded cannot be kept; discarding and deleting what is absent is fine', async () => {
      const store = await open();
      await write(store, ALICE, 0, content);
      await store.discard(ALICE);
      await store.discard(ALICE);
      await expect(store.keep(ALICE)).rejects.toMatchObject({ code: 'blob-missing' });
      await store.delete(ALICE.updateHash);
      expect(await store.list()).toEqual([]);
    });

    test('sweeps what nobody waits for, and nothing else', async () => {
      const store = await open();
      const other = bytes(7);
      const [kept, growing] = [name('c', other), name('d', bytes(8))];
      for (const upload of [ALICE, kept]) {
        await write(store, upload, 0, upload === kept ? other : content);
        await store.keep(upload);
      }
      for (const upload of [BOB, growing]) await write(store, upload, 0, bytes(1));
      await store.sweep({
        awaitsUpdate: (hash: BlobHash) => hash === kept.updateHash,
        awaitsUpload: ({ clientId }) => clientId === growing.clientId,
      });
      expect(await store.list()).toEqual([kept.updateHash]);
      expect([await store.held(BOB), await store.held(growing)]).toEqual([0, 1]);
    });
  });
}
