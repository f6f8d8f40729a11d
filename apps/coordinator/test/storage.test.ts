import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadSigningKey } from '../src/auth/signing-key.ts';
import { openDatabase } from '../src/storage/database.ts';
import { openDirectoryBlobStore } from '../src/storage/directory-blob-store.ts';
import { openMemoryBlobStore } from '../src/storage/memory-blob-store.ts';
import { openMemoryInviteStore } from '../src/storage/memory-invite-store.ts';
import { openMemoryOperatorStore } from '../src/storage/memory-operator-store.ts';
import { openMemoryRunStore } from '../src/storage/memory-run-store.ts';
import { openMemorySteeringLog } from '../src/storage/memory-steering-log.ts';
import { sqliteInviteStore } from '../src/storage/sqlite-invite-store.ts';
import { sqliteOperatorStore } from '../src/storage/sqlite-operator-store.ts';
import { sqliteRunStore } from '../src/storage/sqlite-run-store.ts';
import { sqliteSteeringLog } from '../src/storage/sqlite-steering-log.ts';
import { openFolderStorage } from '../src/storage/storage.ts';
import { blobStoreContract } from './contracts/blob-store-contract.ts';
import { inviteStoreContract } from './contracts/invite-store-contract.ts';
import { operatorStoreContract } from './contracts/operator-store-contract.ts';
import { runStoreContract } from './contracts/run-store-contract.ts';
import { steeringLogContract } from './contracts/steering-log-contract.ts';

const folders: string[] = [];
async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-storage-'));
  folders.push(folder);
  return folder;
}
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

blobStoreContract('directory', async () => openDirectoryBlobStore(await freshFolder()));
blobStoreContract('memory', async () => openMemoryBlobStore());
const freshDatabase = async () => openDatabase(join(await freshFolder(), 'test.db'));
runStoreContract('SQLite', async () => sqliteRunStore(await freshDatabase()));
runStoreContract('memory', async () => openMemoryRunStore());
inviteStoreContract('SQLite', async () => {
  const database = await freshDatabase();
  return { runs: sqliteRunStore(database), invites: sqliteInviteStore(database) };
});
inviteStoreContract('memory', async () => ({ runs: openMemoryRunStore(), invites: openMemoryInviteStore() }));
operatorStoreContract('SQLite', async () => sqliteOperatorStore(await freshDatabase()));
operatorStoreContract('memory', async () => openMemoryOperatorStore());
steeringLogContract('SQLite', async () => {
  const database = await freshDatabase();
  return { runs: sqliteRunStore(database), log: sqliteSteeringLog(database) };
});
steeringLogContract('memory', async () => ({ runs: openMemoryRunStore(), log: openMemorySteeringLog() }));

describe('a data folder', () => {
  test('belongs to one coordinator at a time', async () => {
    const folder = await freshFolder();
    const first = await openFolderStorage(folder);
    await expect(openFolderStorage(folder)).rejects.toMatchObject({ code: 'conflict' });
    await first.close();
    await (await openFolderStorage(folder)).close();
  });

  test('keeps its signing key where only the owner reads it', async () => {
    const folder = await freshFolder();
    const key = await loadSigningKey(folder);
    expect(await loadSigningKey(folder)).toEqual(key);
    expect((await stat(join(folder, 'signing.key'))).mode & 0o777).toBe(0o600);
  });

  test('a blob that rotted on disk is not given out', async () => {
    const folder = await freshFolder();
    const store = await openDirectoryBlobStore(folder);
    const { hash } = await store.put(Uint8Array.of(1, 2, 3));
    await writeFile(join(folder, hash.slice(0, 2), hash), Uint8Array.of(1, 2, 4));
    await expect(store.get(hash)).rejects.toMatchObject({ code: 'blob-corrupt' });
  });

  test('half-written blobs of an earlier process are swept away', async () => {
    const folder = await freshFolder();
    await openDirectoryBlobStore(folder);
    await writeFile(join(folder, 'incoming', 'half'), 'half');
    await openDirectoryBlobStore(folder);
    expect(await readdir(join(folder, 'incoming'))).toEqual([]);
  });
});
