/**
 * Blobs as files, two hex digits per folder. Write order: temporary file, fsync, rename, fsync of the folder; so
 * a name that exists has its whole content, whatever was interrupted.
 */
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BLOB_HASH_PATTERN, type BlobHash, TributaryError } from '@tributary/fl-core';
import type { BlobStore } from './blob-store.ts';
import { syncFolder } from './durable-folder.ts';

export async function openDirectoryBlobStore(folder: string): Promise<BlobStore> {
  const incoming = join(folder, 'incoming');
  // What an earlier process left half-written belongs to nobody.
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming, { recursive: true });
  const pathOf = (hash: BlobHash): string => join(folder, hash.slice(0, 2), hash);

  return {
    async put(content, hash = hashOf(content)) {
      const temporary = join(incoming, randomUUID());
      try {
        await writeDurably(temporary, content);
        const path = pathOf(hash);
        await mkdir(dirname(path), { recursive: true });
        await rename(temporary, path);
        await syncFolder(dirname(path));
        await syncFolder(folder);
        return { hash, bytes: content.length };
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },

    async get(hash) {
      const content = await readFile(pathOf(hash)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        throw new TributaryError('blob-missing', `no blob ${hash}`);
      });
      if (hashOf(content) !== hash)
        throw new TributaryError('blob-corrupt', `blob ${hash} has other content`);
      return content;
    },

    locate: (hash) => ({ path: pathOf(hash) }),

    has: (hash) =>
      access(pathOf(hash)).then(
        () => true,
        () => false,
      ),

    delete: (hash) => rm(pathOf(hash), { force: true }),

    async list() {
      const names = await readdir(folder, { recursive: true });
      return names.map((name) => basename(name)).filter(isBlobHash);
    },
  };
}

const hashOf = (content: Uint8Array): BlobHash =>
  createHash('sha256').update(content).digest('hex') as BlobHash;

async function writeDurably(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isBlobHash(name: string): name is BlobHash {
  return BLOB_HASH_PATTERN.test(name);
}
