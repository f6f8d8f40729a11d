/** Updates as files of one folder, and uploads that grow in a folder inside it. */
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BLOB_HASH_PATTERN, type BlobHash, type ClientId, TributaryError } from '@tributary/fl-core';
import { folderSync, syncFolder } from './durable-folder.ts';
import type { UpdateStore, UploadName } from './update-store.ts';

export async function openDirectoryUpdateStore(folder: string): Promise<UpdateStore> {
  const incoming = join(folder, 'uploads');
  await mkdir(incoming, { recursive: true });
  await bringUp(folder);
  await syncFolder(dirname(folder));
  const syncNames = folderSync(folder);
  const pathOf = (hash: BlobHash): string => join(folder, hash);
  const uploadPath = ({ clientId, updateHash }: UploadName): string =>
    join(incoming, `${clientId}-${updateHash}`);

  const list = async (): Promise<BlobHash[]> => (await readdir(folder)).filter(isBlobHash);
  return {
    held: (upload) =>
      stat(uploadPath(upload)).then(
        ({ size }) => size,
        () => 0,
      ),

    async open(upload, offset) {
      const file = await open(uploadPath(upload), offset === 0 ? 'w' : 'r+', 0o600);
      if (offset > 0) await file.truncate(offset);
      let position = offset;
      return {
        async append(chunks) {
          let rest = chunks;
          while (rest.length > 0) {
            const { bytesWritten } = await file.writev(rest as Uint8Array[], position);
            position += bytesWritten;
            rest = behind(rest, bytesWritten);
          }
        },
        sync: () => file.datasync(),
        close: () => file.close(),
      };
    },

    locateUpload: (upload) => ({ path: uploadPath(upload) }),

    async keep(upload) {
      try {
        await rename(uploadPath(upload), pathOf(upload.updateHash));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        throw new TributaryError('blob-missing', 'this upload is not here any more');
      }
      await syncNames();
    },

    discard: (upload) => rm(uploadPath(upload), { force: true }),
    locate: (hash) => ({ path: pathOf(hash) }),
    list,
    delete: (hash) => rm(pathOf(hash), { force: true }),

    async sweep({ awaitsUpdate, awaitsUpload }) {
      for (const hash of await list()) if (!awaitsUpdate(hash)) await rm(pathOf(hash), { force: true });
      for (const name of await readdir(incoming)) {
        const upload = parseUploadName(name);
        if (!upload || !awaitsUpload(upload)) await rm(join(incoming, name), { force: true });
      }
    },
  };
}

/** What is left of chunks of which the first bytes are written. */
function behind(chunks: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let left = written;
  const whole = chunks.findIndex((chunk) => {
    if (left < chunk.length) return true;
    left -= chunk.length;
    return false;
  });
  if (whole < 0) return [];
  return [chunks[whole]!.subarray(left), ...chunks.slice(whole + 1)];
}

function parseUploadName(name: string): UploadName | null {
  const [clientId, updateHash, ...more] = name.split('-');
  if (more.length > 0 || !clientId || !updateHash || !isBlobHash(updateHash)) return null;
  return { clientId: clientId as ClientId, updateHash };
}

function isBlobHash(name: string): name is BlobHash {
  return BLOB_HASH_PATTERN.test(name);
}

/** Folders of version 0.1 kept updates two hex digits deep, and half-written ones in `incoming`. */
async function bringUp(folder: string): Promise<void> {
  await rm(join(folder, 'incoming'), { recursive: true, force: true });
  const old = (await readdir(folder)).filter((name) => /^[0-9a-f]{2}$/.test(name));
  for (const digits of old) {
    for (const hash of await readdir(join(folder, digits))) {
      await rename(join(folder, digits, hash), join(folder, hash));
    }
    await rm(join(folder, digits), { recursive: true });
  }
  if (old.length > 0) await syncFolder(folder);
}
