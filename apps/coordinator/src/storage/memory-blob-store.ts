/** Blobs in memory, for tests and throw-away coordinators. */
import { type BlobHash, blobHashOf, TributaryError } from '@tributary/fl-core';
import { nativeSha256 } from '../native-sha256.ts';
import type { BlobStore } from './blob-store.ts';

export function openMemoryBlobStore(): BlobStore {
  const blobs = new Map<BlobHash, Uint8Array>();
  return {
    async put(content, hash = blobHashOf(content, nativeSha256)) {
      blobs.set(hash, content.slice());
      return { hash, bytes: content.length };
    },
    async get(hash) {
      const content = blobs.get(hash);
      if (!content) throw new TributaryError('blob-missing', `no blob ${hash}`);
      return content.slice();
    },
    locate: (hash) => ({ bytes: blobs.get(hash) ?? new Uint8Array() }),
    has: async (hash) => blobs.has(hash),
    delete: async (hash) => void blobs.delete(hash),
    list: async () => [...blobs.keys()],
  };
}
