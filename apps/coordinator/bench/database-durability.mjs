/**
 * Does a commit that was acknowledged survive SIGKILL? A child commits numbered rows and says each number after
 * its commit returned; it is killed at a random moment; the database must be whole and hold every number said.
 *
 *   node apps/coordinator/bench/database-durability.mjs [KILLS]
 *
 * SIGKILL does not test the disk's own cache: that `synchronous=FULL` calls fsync once a commit is counted apart.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';

const open = (path, synchronous = 'FULL') => {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma(`synchronous = ${synchronous}`);
  database.exec('CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, payload TEXT)');
  return database;
};
const PAYLOAD = 'x'.repeat(4096);

if (process.argv[2] === 'child') {
  const insert = open(process.argv[3]).prepare('INSERT INTO rows (payload) VALUES (?)');
  for (;;) writeSync(1, `${insert.run([PAYLOAD]).lastInsertRowid}\n`);
}

const kills = Number(process.argv[2] ?? 50);
const folder = mkdtempSync(join(tmpdir(), 'durability-'));
const path = join(folder, 'test.db');
let acknowledged = 0;
let lost = 0;
let unsound = 0;
for (let kill = 0; kill < kills; kill += 1) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'child', path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await sleep(Math.random() * 200);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
  const last = Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
  acknowledged = last;

  const database = open(path);
  const { count } = database.prepare('SELECT count(*) AS count FROM rows WHERE id <= ?').get([last]);
  lost += last - count;
  if (database.pragma('integrity_check')[0].integrity_check !== 'ok') unsound += 1;
  database.close();
}

const commitsPerSecond = (synchronous) => {
  const database = open(join(folder, `${synchronous}.db`), synchronous);
  const insert = database.prepare('INSERT INTO rows (payload) VALUES (?)');
  const started = performance.now();
  let commits = 0;
  while (performance.now() - started < 2000) {
    insert.run([PAYLOAD]);
    commits += 1;
  }
  database.close();
  return Math.round(commits / ((performance.now() - started) / 1000));
};
console.log(
  JSON.stringify({
    kills,
    acknowledged,
    lost,
    unsound,
    commitsPerSecond: { FULL: commitsPerSecond('FULL'), NORMAL: commitsPerSecond('NORMAL') },
  }),
);
rmSync(folder, { recursive: true });
