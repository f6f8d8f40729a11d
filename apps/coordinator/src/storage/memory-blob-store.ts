/** Blobs in memory, for tests and throw-away coordinators. */
import { type BlobHash, TributaryError } from '@tributary/fl-core';
import type { BlobStore } from './blob-store.ts';
import { contentCheck } from './content-check.ts';

export function openMemoryBlobStore(): BlobStore {
  const blobs = new Map<BlobHash, Uint8Array>();
  return {
    async put(content, expected) {
      const check = contentCheck(expected);
      const chunks: Uint8Array[] = [];
      for await (const chunk of content instanceof Uint8Array ? [content] : content) {
        check.add(chunk);
        chunks.push(chunk);
      }
      const stored = check.finish();
      blobs.set(stored.hash, new Uint8Array(Buffer.concat(chunks)));
      return stored;
    },
    async get(hash) {
      const content = blobs.get(hash);
      if (!content) throw new TributaryError('blob-missing', `no blob ${hash}`);
      return content.slice();
    },
    has: async (hash) => blobs.has(hash),
    delete: async (hash) => void blobs.delete(hash),
    list: async () => [...blobs.keys()],
  };
}
