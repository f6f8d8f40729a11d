/** The thread on which SQLite runs: making a change durable can take as long as the disk is busy with everything else. */
import { workerData } from 'node:worker_threads';
import Database from 'libsql';
import { answerQuestions } from '../threads/answering.ts';

export type DatabaseQuestion =
  | { readonly kind: 'query'; readonly sql: string; readonly parameters: readonly unknown[] }
  | { readonly kind: 'close' };

export interface DatabaseAnswer {
  readonly rows: unknown[];
  readonly changes: number;
}

const database = new Database(workerData as string, { timeout: 5000 });
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.pragma('foreign_keys = ON');

answerQuestions<DatabaseQuestion, DatabaseAnswer>((question) => {
  if (question.kind === 'close') {
    database.close();
    return { answer: { rows: [], changes: 0 } };
  }
  const statement = database.prepare(question.sql);
  const parameters = [...question.parameters];
  if (statement.reader) return { answer: { rows: statement.all(parameters), changes: 0 } };
  const { changes } = statement.run(parameters);
  return { answer: { rows: [], changes } };
});
