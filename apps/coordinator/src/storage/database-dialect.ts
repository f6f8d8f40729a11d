/** Kysely on a database that lives on another thread. One connection, one user of it at a time, as SQLite has it. */
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Thread } from '../threads/thread.ts';
import type { DatabaseAnswer, DatabaseQuestion } from './database-worker.ts';

type DatabaseThread = Thread<DatabaseQuestion, DatabaseAnswer>;

export function threadDialect(thread: DatabaseThread): Dialect {
  return {
    createAdapter: () => new WholeMigrations(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createDriver: () => threadDriver(thread),
  };
}

/** SQLite can undo what was done to tables; so an end in the middle of a migration leaves the database as it was. */
class WholeMigrations extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function threadDriver(thread: DatabaseThread): Driver {
  const connection = connectionTo(thread);
  /** Settles when whoever has the connection gives it back. */
  let turn: Promise<void> = Promise.resolve();
  let giveBack: () => void = () => {};
  const say = async (sql: string): Promise<void> =>
    void (await connection.executeQuery(CompiledQuery.raw(sql)));

  return {
    async init() {},
    async acquireConnection() {
      const before = turn;
      let release: () => void = () => {};
      turn = new Promise((resolve) => {
        release = resolve;
      });
      await before;
      giveBack = release;
      return connection;
    },
    // Each of them writes, and one that reads first would be refused if another process (`tributary token`) wrote meanwhile.
    beginTransaction: () => say('begin immediate'),
    commitTransaction: () => say('commit'),
    rollbackTransaction: () => say('rollback'),
    async releaseConnection() {
      giveBack();
    },
    async destroy() {
      await thread.ask({ kind: 'close' });
      await thread.close();
    },
  };
}

function connectionTo(thread: DatabaseThread): DatabaseConnection {
  return {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
      const { rows, changes } = await thread.ask({ kind: 'query', sql, parameters });
      return { rows: rows as Row[], numAffectedRows: BigInt(changes) };
    },
    streamQuery(): never {
      throw new Error('rows are read at once here');
    },
  };
}
