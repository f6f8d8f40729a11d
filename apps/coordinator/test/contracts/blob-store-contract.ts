/** What every blob store must do. */
import { type BlobHash, blobHashOf } from '@tributary/fl-core';
import { describe, expect, test } from 'vitest';
import type { BlobStore } from '../../src/storage/blob-store.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
async function* stream(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

export function blobStoreContract(name: string, open: () => Promise<BlobStore>): void {
  describe(`blob store: ${name}`, () => {
    test('[W-5] gives back what was put, under the SHA-256 of its content', async () => {
      const store = await open();
      const content = bytes(1, 2, 3);
      const stored = await store.put(content);
      expect(stored).toEqual({ hash: blobHashOf(content), bytes: 3 });
      expect([...(await store.get(stored.hash))]).toEqual([1, 2, 3]);
    });

    test('a stream is the same as its bytes at once', async () => {
      const store = await open();
      const stored = await store.put(stream(bytes(1), bytes(2, 3)));
      expect(stored.hash).toBe(blobHashOf(bytes(1, 2, 3)));
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

    test.each([
      ['longer than announced', stream(bytes(1, 2), bytes(3)), 2, 'frame-too-large'],
      ['shorter than announced', stream(bytes(1)), 2, 'frame-length'],
      ['of another hash', stream(bytes(1, 9)), 2, 'update-hash-mismatch'],
    ] as const)('refuses content that is %s and keeps nothing of it', async (_, content, length, code) => {
      const store = await open();
      const expected = { hash: blobHashOf(bytes(1, 2)), bytes: length };
      await expect(store.put(content, expected)).rejects.toMatchObject({ code });
      expect(await store.list()).toEqual([]);
    });

    test('a stream that breaks leaves nothing behind', async () => {
      const store = await open();
      const broken = (async function* () {
        yield bytes(1);
        throw new Error('the connection broke');
      })();
      await expect(store.put(broken)).rejects.toThrow('the connection broke');
      expect(await store.list()).toEqual([]);
      expect(await store.has('0'.repeat(64) as BlobHash)).toBe(false);
    });
  });
}
