/**
 * SQLite with a write-ahead log and `synchronous=FULL`, so that a resolved promise means that the change is on
 * disk (docs/decisions/0003-embedded-database.md). It runs on a thread of its own.
 */
import { Kysely } from 'kysely';
import { builtWorker, openThread } from '../threads/thread.ts';
import { threadDialect } from './database-dialect.ts';
import type { DatabaseAnswer, DatabaseQuestion } from './database-worker.ts';
import { migrate, type Tables } from './schema.ts';

/** @param path a file, or `:memory:` */
export async function openDatabase(path: string): Promise<Kysely<Tables>> {
  const thread = openThread<DatabaseQuestion, DatabaseAnswer>(
    builtWorker('database-worker', import.meta.url),
    // Part of a transaction may be lost with it: nothing is taken on after that, until the next start.
    { isReplaced: false, data: path },
  );
  const db = new Kysely<Tables>({ dialect: threadDialect(thread) });
  try {
    await migrate(db);
  } catch (error) {
    await thread.close();
    throw error;
  }
  return db;
}
