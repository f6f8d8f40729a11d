/** Everything that outlives the process, as one value: two adapters, one on disk and one in memory. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunId } from '@tributary/fl-core';
import type { BlobStore } from './blob-store.ts';
import { openDatabase } from './database.ts';
import { openDirectoryBlobStore } from './directory-blob-store.ts';
import { openDirectoryUpdateStore } from './directory-update-store.ts';
import { lockFolder } from './folder-lock.ts';
import type { InviteStore } from './invite-store.ts';
import { openMemoryBlobStore } from './memory-blob-store.ts';
import { openMemoryInviteStore } from './memory-invite-store.ts';
import { openMemoryOperatorStore } from './memory-operator-store.ts';
import { openMemoryRunStore } from './memory-run-store.ts';
import { openMemorySealedShareStore } from './memory-sealed-share-store.ts';
import { openMemorySteeringLog } from './memory-steering-log.ts';
import { openMemoryUpdateStore } from './memory-update-store.ts';
import type { OperatorStore } from './operator-store.ts';
import type { RunStore } from './run-store.ts';
import type { SealedShareStore } from './sealed-share-store.ts';
import { sqliteInviteStore } from './sqlite-invite-store.ts';
import { sqliteOperatorStore } from './sqlite-operator-store.ts';
import { sqliteRunStore } from './sqlite-run-store.ts';
import { sqliteSealedShareStore } from './sqlite-sealed-share-store.ts';
import { sqliteSteeringLog } from './sqlite-steering-log.ts';
import type { SteeringLog } from './steering-log.ts';
import type { UpdateStore } from './update-store.ts';

export interface Storage {
  readonly runs: RunStore;
  readonly invites: InviteStore;
  readonly operators: OperatorStore;
  readonly steering: SteeringLog;
  readonly sealedShares: SealedShareStore;
  /** Model frames and optimiser states; kept. */
  readonly models: BlobStore;
  /** Updates of a run's round in progress; deleted when the round is over. */
  updatesOf(runId: RunId): Promise<UpdateStore>;
  close(): Promise<void>;
}

export const databasePath = (folder: string): string => join(folder, 'tributary.db');

/** @throws TributaryError `conflict` when another coordinator uses this folder */
export async function openFolderStorage(folder: string): Promise<Storage> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = lockFolder(folder);
  const database = await openDatabase(databasePath(folder));
  const models = await openDirectoryBlobStore(join(folder, 'models'));
  // An update belongs to the run that received it: two runs that got equal bytes must not delete each other's.
  const updates = remembering((runId) => openDirectoryUpdateStore(join(folder, 'updates', runId)));
  return {
    runs: sqliteRunStore(database),
    invites: sqliteInviteStore(database),
    operators: sqliteOperatorStore(database),
    steering: sqliteSteeringLog(database),
    sealedShares: sqliteSealedShareStore(database),
    models,
    updatesOf: updates,
    async close() {
      await database.destroy();
      lock.release();
    },
  };
}

export function openMemoryStorage(): Storage {
  return {
    runs: openMemoryRunStore(),
    invites: openMemoryInviteStore(),
    operators: openMemoryOperatorStore(),
    steering: openMemorySteeringLog(),
    sealedShares: openMemorySealedShareStore(),
    models: openMemoryBlobStore(),
    updatesOf: remembering(async () => openMemoryUpdateStore()),
    close: async () => {},
  };
}

function remembering(open: (runId: RunId) => Promise<UpdateStore>): (runId: RunId) => Promise<UpdateStore> {
  const opened = new Map<RunId, Promise<UpdateStore>>();
  return (runId) => {
    const store = opened.get(runId) ?? open(runId);
    opened.set(runId, store);
    return store;
  };
}
