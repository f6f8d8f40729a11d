/**
 * SQLite with a write-ahead log and `synchronous=FULL`, so that a resolved promise means that the change is on
 * disk (docs/decisions/0003-embedded-database.md).
 */
import { Kysely, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { migrate, type Tables } from './schema.ts';

/** @param path a file, or `:memory:` */
export async function openDatabase(path: string): Promise<Kysely<Tables>> {
  const database = new Database(path, { timeout: 5000 });
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
  await migrate(db);
  return db;
}
