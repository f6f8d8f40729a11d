import { copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobHash, type ClientId, type Instant, parseManifest, type RunId } from '@tributary/fl-core';
import { Kysely, Migrator, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { afterAll, describe, expect, test } from 'vitest';
import { secretHash } from '../src/auth/secrets.ts';
import { loadSigningKey } from '../src/auth/signing-key.ts';
import { openDatabase } from '../src/storage/database.ts';
import { threadDialect } from '../src/storage/database-dialect.ts';
import { openDirectoryBlobStore } from '../src/storage/directory-blob-store.ts';
import { openDirectoryUpdateStore } from '../src/storage/directory-update-store.ts';
import { openMemoryBlobStore } from '../src/storage/memory-blob-store.ts';
import { openMemoryInviteStore } from '../src/storage/memory-invite-store.ts';
import { openMemoryOperatorStore } from '../src/storage/memory-operator-store.ts';
import { openMemoryRunStore } from '../src/storage/memory-run-store.ts';
import { openMemorySealedShareStore } from '../src/storage/memory-sealed-share-store.ts';
import { openMemorySteeringLog } from '../src/storage/memory-steering-log.ts';
import { openMemoryUpdateStore } from '../src/storage/memory-update-store.ts';
import { MIGRATIONS, migrate, type Tables } from '../src/storage/schema.ts';
import { sqliteInviteStore } from '../src/storage/sqlite-invite-store.ts';
import { sqliteOperatorStore } from '../src/storage/sqlite-operator-store.ts';
import { sqliteRunStore } from '../src/storage/sqlite-run-store.ts';
import { sqliteSealedShareStore } from '../src/storage/sqlite-sealed-share-store.ts';
import { sqliteSteeringLog } from '../src/storage/sqlite-steering-log.ts';
import { openFolderStorage } from '../src/storage/storage.ts';
import { blobStoreContract } from './contracts/blob-store-contract.ts';
import { inviteStoreContract } from './contracts/invite-store-contract.ts';
import { operatorStoreContract } from './contracts/operator-store-contract.ts';
import { runStoreContract } from './contracts/run-store-contract.ts';
import { sealedShareStoreContract } from './contracts/sealed-share-store-contract.ts';
import { steeringLogContract } from './contracts/steering-log-contract.ts';
import { updateStoreContract } from './contracts/update-store-contract.ts';
import { smallTask } from './small-task.ts';

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
updateStoreContract('directory', async () => openDirectoryUpdateStore(await freshFolder()));
updateStoreContract('memory', async () => openMemoryUpdateStore());
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
sealedShareStoreContract('SQLite', async () => {
  const database = await freshDatabase();
  return { runs: sqliteRunStore(database), shares: sqliteSealedShareStore(database) };
});
sealedShareStoreContract('memory', async () => ({
  runs: openMemoryRunStore(),
  shares: openMemorySealedShareStore(),
}));
steeringLogContract('memory', async () => ({ runs: openMemoryRunStore(), log: openMemorySteeringLog() }));

test('a run of before its manifest had a field has the default of it, as the tabs fill it in', async () => {
  const database = await freshDatabase();
  const { manifestVersion, name, seed, model, data, training, rounds, aggregation } = smallTask();
  const early = { manifestVersion, name, seed, model, data, training, rounds, aggregation };
  await database
    .insertInto('runs')
    .values({
      ...{ run_id: 'run-a', created_at: 1, manifest: JSON.stringify(early), state: '{}', tally: '{}' },
      ...{ optimiser_hash: null, revision: 0, totals: '{}' },
    })
    .execute();
  const [run] = await sqliteRunStore(database).runs();
  expect(run!.manifest).toEqual(parseManifest(early));
  expect(run!.manifest.downlink).toEqual({ codec: 'float32' });
});

describe('a database of before there were operators', () => {
  test("keeps its token, which is now the first owner's, and can go back to its newest model", async () => {
    const path = join(await freshFolder(), 'test.db');
    const before = new Kysely<Record<string, Record<string, unknown>>>({
      dialect: new SqliteDialect({ database: new Database(path) }),
    });
    await new Migrator({ db: before, provider: { getMigrations: async () => MIGRATIONS } }).migrateTo(
      '0001-first',
    );
    const run = { run_id: 'run-a', created_at: 1, manifest: '{}', state: '{}', tally: '{}' };
    await before
      .insertInto('runs')
      .values({ ...run, optimiser_hash: 'o'.repeat(64) })
      .execute();
    for (const round_number of [0, 1, 2]) {
      await before
        .insertInto('models')
        .values({ hash: `model ${round_number}`, run_id: 'run-a', round_number })
        .execute();
    }
    for (const round_number of [1, 2]) {
      const round = {
        roundNumber: round_number,
        outcome: 'committed',
        reason: null,
        openedAt: 1,
        closedAt: 2,
      };
      const counts = { invited: 3, trained: 2, accepted: 2, dropped: { left: 1 }, bytesUp: 5, bytesDown: 7 };
      const summary = JSON.stringify({
        ...round,
        ...counts,
        modelHash: `model ${round_number}`,
        participantAccuracy: 0.5,
      });
      await before
        .insertInto('rounds')
        .values({ run_id: 'run-a', round_number, summary, validation_accuracy: null })
        .execute();
    }
    await before
      .insertInto('secrets')
      .values({ name: 'operator-token', hash: secretHash('the token') })
      .execute();
    await before.insertInto('sessions').values({ hash: 'old', expires_at: 9e15 }).execute();
    await before.destroy();

    const database = await openDatabase(path);
    const operators = sqliteOperatorStore(database);
    const owner = await operators.operatorByToken(secretHash('the token'));
    expect(owner).toMatchObject({ name: 'Owner', role: 'owner' });
    const never = 0 as Instant;
    expect(await operators.sessionOf('old', { openedAfter: never, seenAfter: never })).toBeNull();

    const runs = sqliteRunStore(database);
    const runId = 'run-a' as RunId;
    expect(await runs.progress(runId)).toMatchObject({
      revision: 2,
      accuracy: 0.5,
      totals: { committed: 2, accepted: 4, dropped: { left: 2 }, bytesDown: 14 },
    });
    const [first] = await runs.rounds(runId);
    expect(first).toMatchObject({ timeline: [], isSuperseded: false, participantAccuracy: 0.5 });
    // Only the newest optimiser state was kept with a name.
    expect(await runs.modelAfter(runId, 1)).toMatchObject({ optimiserHash: null, committedRounds: 1 });
    expect(await runs.modelAfter(runId, 2)).toMatchObject({
      optimiserHash: 'o'.repeat(64),
      committedRounds: 2,
    });
    await database.destroy();
  });
});

/** A database of version 0.1 with one run of two rounds. */
async function oldDatabase(path: string): Promise<void> {
  const before = new Kysely<Record<string, Record<string, unknown>>>({
    dialect: new SqliteDialect({ database: new Database(path) }),
  });
  const migrator = new Migrator({ db: before, provider: { getMigrations: async () => MIGRATIONS } });
  await migrator.migrateTo('0001-first');
  const run = { run_id: 'run-a', created_at: 1, manifest: '{}', state: '{}', tally: '{}' };
  await before.insertInto('runs').values(run).execute();
  for (const round_number of [1, 2]) {
    const counts = { invited: 3, trained: 2, accepted: 2, dropped: {}, bytesUp: 5, bytesDown: 7 };
    const summary = JSON.stringify({ roundNumber: round_number, outcome: 'committed', ...counts });
    await before.insertInto('rounds').values({ run_id: 'run-a', round_number, summary }).execute();
  }
  await before.insertInto('secrets').values({ name: 'operator-token', hash: 'the hash' }).execute();
  await before.destroy();
}

/** Takes so many statements; then the process is gone, without a word to the database. */
function mortalThread(path: string, statements: number): Parameters<typeof threadDialect>[0] {
  const database = new Database(path);
  let left = statements;
  return {
    async ask(question) {
      if (left === 0) throw new Error('killed');
      left -= 1;
      if (question.kind === 'close') return { rows: [], changes: 0 };
      const statement = database.prepare(question.sql);
      const parameters = [...question.parameters];
      if (statement.reader) return { rows: statement.all(parameters), changes: 0 };
      return { rows: [], changes: statement.run(parameters).changes };
    },
    kill: async () => {},
    async close() {
      // What the end of a process does; closing alone waits for statements that are still in memory.
      if (database.inTransaction) database.exec('rollback');
      database.close();
    },
  };
}

test('[N-5] a data folder opens again after its process ended at any statement of bringing it up', async () => {
  const path = join(await freshFolder(), 'old.db');
  await oldDatabase(path);
  let statements = 0;
  for (let isWhole = false; !isWhole; statements += 1) {
    const copy = `${path}-${statements}`;
    await copyFile(path, copy);
    const mortal = mortalThread(copy, statements);
    isWhole = await migrate(new Kysely<Tables>({ dialect: threadDialect(mortal) })).then(
      () => true,
      () => false,
    );
    await mortal.close();
    const next = mortalThread(copy, Number.POSITIVE_INFINITY);
    const database = new Kysely<Tables>({ dialect: threadDialect(next) });
    await migrate(database);
    expect(await sqliteRunStore(database).progress('run-a' as RunId), `${statements}`).toMatchObject({
      revision: 2,
      totals: { committed: 2, accepted: 4 },
    });
    expect(await sqliteOperatorStore(database).operatorByToken('the hash')).toMatchObject({ role: 'owner' });
    await next.close();
  }
  expect(statements).toBeGreaterThan(20);
});

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

  test('updates of version 0.1, two hex digits deep, are found again', async () => {
    const folder = await freshFolder();
    const hash = 'ab'.repeat(32);
    await mkdir(join(folder, 'ab'), { recursive: true });
    await mkdir(join(folder, 'incoming'));
    await writeFile(join(folder, 'ab', hash), 'update');
    await writeFile(join(folder, 'incoming', 'half'), 'half');
    const store = await openDirectoryUpdateStore(folder);
    expect(await store.list()).toEqual([hash]);
    expect((await readdir(folder)).sort()).toEqual([hash, 'uploads']);
  });

  test('half an upload is still there for the next process', async () => {
    const folder = await freshFolder();
    const upload = { clientId: 'a'.repeat(32) as ClientId, updateHash: 'b'.repeat(64) as BlobHash };
    const file = await (await openDirectoryUpdateStore(folder)).open(upload, 0);
    await file.append([Uint8Array.of(1, 2, 3)]);
    expect(await (await openDirectoryUpdateStore(folder)).held(upload)).toBe(3);
    await file.close();
  });
});
