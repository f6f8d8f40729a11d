/**
 * Blobs as files, two hex digits per folder. Write order: temporary file, fsync, rename, fsync of the folder; so
 * a name that exists has its whole content, whatever was interrupted.
 */
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BLOB_HASH_PATTERN, type BlobHash, TributaryError } from '@tributary/fl-core';
import type { BlobStore } from './blob-store.ts';
import { contentCheck } from './content-check.ts';

export async function openDirectoryBlobStore(folder: string): Promise<BlobStore> {
  const incoming = join(folder, 'incoming');
  // What an earlier process left half-written belongs to nobody.
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming, { recursive: true });
  const pathOf = (hash: BlobHash): string => join(folder, hash.slice(0, 2), hash);

  return {
    async put(content, expected) {
      const temporary = join(incoming, randomUUID());
      try {
        const stored = await writeDurably(temporary, content, contentCheck(expected));
        const path = pathOf(stored.hash);
        await mkdir(dirname(path), { recursive: true });
        await rename(temporary, path);
        await syncFolder(dirname(path));
        await syncFolder(folder);
        return stored;
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
      if (createHash('sha256').update(content).digest('hex') !== hash) {
        throw new TributaryError('blob-corrupt', `blob ${hash} has other content`);
      }
      return content;
    },

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

async function writeDurably(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  check: ReturnType<typeof contentCheck>,
) {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of content instanceof Uint8Array ? [content] : content) {
      check.add(chunk);
      await file.writeFile(chunk);
    }
    const stored = check.finish();
    await file.sync();
    return stored;
  } finally {
    await file.close();
  }
}

/** A rename is durable only once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isBlobHash(name: string): name is BlobHash {
  return BLOB_HASH_PATTERN.test(name);
}
