/** What every blob store must do. */
import { readFile } from 'node:fs/promises';
import { blobHashOf } from '@tributary/fl-core';
import { describe, expect, test } from 'vitest';
import type { BlobStore } from '../../src/storage/blob-store.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

export function blobStoreContract(name: string, open: () => Promise<BlobStore>): void {
  describe(`blob store: ${name}`, () => {
    test('[W-5] gives back what was put, under the SHA-256 of its content', async () => {
      const store = await open();
      const content = bytes(1, 2, 3);
      const stored = await store.put(content);
      expect(stored).toEqual({ hash: blobHashOf(content), bytes: 3 });
      expect([...(await store.get(stored.hash))]).toEqual([1, 2, 3]);
    });

    test('holds nothing, large and repeated content', async () => {
      const store = await open();
      const large = new Uint8Array(3_000_000).fill(7);
      const [first, second, empty] = [
        await store.put(large),
        await store.put(large),
        await store.put(bytes()),
      ];
      expect(second).toEqual(first);
      expect((await store.get(first.hash)).length).toBe(3_000_000);
      expect((await store.get(empty.hash)).length).toBe(0);
      expect([...(await store.list())].sort()).toEqual([first.hash, empty.hash].sort());
    });

    test('deletes, and deleting what is absent is fine', async () => {
      const store = await open();
      const { hash } = await store.put(bytes(9));
      expect(await store.has(hash)).toBe(true);
      await store.delete(hash);
      await store.delete(hash);
      expect(await store.has(hash)).toBe(false);
      await expect(store.get(hash)).rejects.toMatchObject({ code: 'blob-missing' });
    });

    test('takes the word of whoever has calculated the hash', async () => {
      const store = await open();
      const content = bytes(4, 5);
      expect(await store.put(content, blobHashOf(content))).toEqual({ hash: blobHashOf(content), bytes: 2 });
      expect([...(await store.get(blobHashOf(content)))]).toEqual([4, 5]);
    });

    test('says where another thread finds a blob', async () => {
      const store = await open();
      const { hash } = await store.put(bytes(6, 7));
      const at = store.locate(hash);
      expect([...('path' in at ? await readFile(at.path) : at.bytes)]).toEqual([6, 7]);
    });
  });
}
