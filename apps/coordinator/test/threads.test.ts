/** The life of a worker thread, seen through one that keeps something: a database in its own memory. */
import { afterEach, expect, test, vi } from 'vitest';
import type { DatabaseAnswer, DatabaseQuestion } from '../src/storage/database-worker.ts';
import { builtWorker, openThread, type Thread, type ThreadOptions } from '../src/threads/thread.ts';

const STORAGE = new URL('../src/storage/database.ts', import.meta.url).href;
const query = (sql: string): DatabaseQuestion => ({ kind: 'query', sql, parameters: [] });

const opened: Thread<DatabaseQuestion, DatabaseAnswer>[] = [];
afterEach(async () => {
  for (const thread of opened.splice(0)) await thread.close();
});

function open(options: ThreadOptions = {}) {
  const thread = openThread<DatabaseQuestion, DatabaseAnswer>(builtWorker('database-worker', STORAGE), {
    data: ':memory:',
    ...options,
  });
  opened.push(thread);
  return thread;
}

test('answers in the order of the questions, and says what went wrong', async () => {
  const thread = open();
  const answers = await Promise.allSettled([
    thread.ask(query('create table t (n)')),
    thread.ask(query('insert into t values (7)')),
    thread.ask(query('select * from nothing')),
    thread.ask(query('select n from t')),
  ]);
  expect(answers[2]).toMatchObject({
    reason: { code: 'internal', message: expect.stringContaining('nothing') },
  });
  expect(answers[3]).toMatchObject({ value: { rows: [{ n: 7 }] } });
});

test('a thread that died is replaced, and forgets what it kept', async () => {
  const thread = open();
  await thread.ask(query('create table t (n)'));
  await thread.kill();
  expect(await thread.ask(query("select name from sqlite_master where name = 't'"))).toEqual({
    rows: [],
    changes: 0,
  });
});

test('one that must not be replaced answers nothing after its death', async () => {
  const thread = open({ isReplaced: false });
  await thread.ask(query('select 1'));
  const death = thread.kill();
  // Asked before its end is known: neither answered nor asked again.
  await expect(thread.ask(query('select 2'))).rejects.toMatchObject({ code: 'internal' });
  await death;
  await expect(thread.ask(query('select 3'))).rejects.toMatchObject({ code: 'internal' });
});

test('an idle one rests when it may, and starts again when it is asked', async () => {
  let mayRest = false;
  const thread = open({ mayRest: () => mayRest, restAfterMs: 5 });
  await thread.ask(query('create table t (n)'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await thread.ask(query('select * from t'));
  mayRest = true;
  await vi.waitFor(
    async () => {
      // Only a new one knows nothing of the table. Each question begins its idle time anew.
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect((await thread.ask(query("select name from sqlite_master where name = 't'"))).rows).toEqual([]);
    },
    { timeout: 10_000 },
  );
});

test('after the end it answers nothing', async () => {
  const thread = open();
  await thread.ask(query('select 1'));
  await thread.close();
  await expect(thread.ask(query('select 1'))).rejects.toMatchObject({ code: 'run-not-open' });
});
