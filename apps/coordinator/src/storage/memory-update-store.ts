/** Updates and growing uploads in memory, for tests and throw-away coordinators. */
import { type BlobHash, TributaryError } from '@tributary/fl-core';
import type { UpdateStore, UploadName } from './update-store.ts';

export function openMemoryUpdateStore(): UpdateStore {
  const uploads = new Map<string, { name: UploadName; content: Uint8Array }>();
  const updates = new Map<BlobHash, Uint8Array>();
  const keyOf = ({ clientId, updateHash }: UploadName): string => `${clientId}-${updateHash}`;
  const contentOf = (name: UploadName): Uint8Array => uploads.get(keyOf(name))?.content ?? new Uint8Array();
  return {
    held: async (name) => contentOf(name).length,
    async open(name, offset) {
      uploads.set(keyOf(name), { name, content: contentOf(name).slice(0, offset) });
      return {
        async append(chunks) {
          const entry = uploads.get(keyOf(name));
          if (entry) entry.content = new Uint8Array(Buffer.concat([entry.content, ...chunks]));
        },
        sync: async () => {},
        close: async () => {},
      };
    },
    locateUpload: (name) => ({ bytes: contentOf(name) }),
    async keep(name) {
      if (!uploads.has(keyOf(name))) {
        throw new TributaryError('blob-missing', 'this upload is not here any more');
      }
      updates.set(name.updateHash, contentOf(name));
      uploads.delete(keyOf(name));
    },
    discard: async (name) => void uploads.delete(keyOf(name)),
    locate: (hash) => ({ bytes: updates.get(hash) ?? new Uint8Array() }),
    list: async () => [...updates.keys()],
    delete: async (hash) => void updates.delete(hash),
    async sweep({ awaitsUpdate, awaitsUpload }) {
      for (const hash of [...updates.keys()]) if (!awaitsUpdate(hash)) updates.delete(hash);
      for (const [key, { name }] of [...uploads]) if (!awaitsUpload(name)) uploads.delete(key);
    },
  };
}
