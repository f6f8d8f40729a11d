/**
 * Loaded into the coordinator before its own code (`node --require`), and into its threads: kills the process, as `kill -9` would, at one
 * named step of the write path. The product knows nothing of it: the steps are calls to the file system and to
 * SQLite, seen from outside.
 *
 * TRIBUTARY_KILL_AT is `STEP#TIMES`; TRIBUTARY_TRACE_STEPS writes every step to stderr instead.
 */
const synchronous = require('node:fs');
const files = require('node:fs/promises');
const { syncBuiltinESMExports } = require('node:module');
const threads = require('node:worker_threads');
const { writeSync } = synchronous;

const [deadlyStep, times = '1'] = (process.env.TRIBUTARY_KILL_AT ?? '').split('#');
let left = Number(times);

function passing(step) {
  if (process.env.TRIBUTARY_TRACE_STEPS) writeSync(2, `step: ${step}\n`);
  if (step !== deadlyStep) return;
  left -= 1;
  if (left > 0) return;
  writeSync(2, `killed at: ${step}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** `update` or `model`, for what is stored under these folders; null for everything else. */
function kindOf(path) {
  const [, folder] = /[\\/](updates|models)[\\/]/.exec(String(path)) ?? [];
  return folder === 'updates' ? 'update' : folder === 'models' ? 'model' : null;
}

const { open, rename, rm, readFile } = files;

files.open = async (path, flags, ...rest) => {
  const file = await open(path, flags, ...rest);
  const kind = kindOf(path);
  if (!kind || flags === 'r') return file;
  passing(`${kind} opened`);
  for (const name of ['write', 'writeFile', 'appendFile', 'writev']) {
    const original = file[name].bind(file);
    file[name] = async (...args) => {
      const result = await original(...args);
      passing(`${kind} written`);
      return result;
    };
  }
  for (const name of ['sync', 'datasync']) {
    const original = file[name].bind(file);
    file[name] = async () => {
      await original();
      passing(`${kind} synced`);
    };
  }
  return file;
};

files.rename = async (from, to) => {
  const kind = kindOf(to);
  await rename(from, to);
  if (kind) passing(`${kind} named`);
};

files.rm = async (path, ...rest) => {
  const kind = /[0-9a-f]{64}$/.test(String(path)) ? kindOf(path) : null;
  if (kind) passing(`before ${kind} deleted`);
  await rm(path, ...rest);
  if (kind) passing(`${kind} deleted`);
};

files.readFile = async (path, ...rest) => {
  const kind = kindOf(path);
  if (kind) passing(`before ${kind} read`);
  return readFile(path, ...rest);
};

const { Worker } = threads;
threads.Worker = class extends Worker {
  constructor(file, options = {}) {
    super(file, { ...options, execArgv: ['--require', __filename, ...(options.execArgv ?? [])] });
  }
};

// The thread that checks and folds updates reads synchronously.
const { openSync } = synchronous;
synchronous.openSync = (path, ...rest) => {
  if (kindOf(path) === 'update') passing('before update read');
  return openSync(path, ...rest);
};

syncBuiltinESMExports();

// The database has a thread of its own.
watchStatements(require('libsql'));

function watchStatements(Database) {
  const { prepare } = Database.prototype;
  let isRecording = false;
  Database.prototype.prepare = function (sql) {
    const statement = prepare.call(this, sql);
    for (const name of ['run', 'all']) {
      const original = statement[name].bind(statement);
      statement[name] = (...args) => {
        const step = /^commit/i.test(sql) ? isRecording && 'record committed' : stepOf(sql, args[0]);
        isRecording = step === 'round recorded' || (isRecording && step !== 'record committed');
        if (step) passing(`before ${step}`);
        const result = original(...args);
        if (step) passing(step);
        return result;
      };
    }
    return statement;
  };
}

/** What the statement does to the run, in the words of docs/architecture.md. */
function stepOf(sql, parameters) {
  if (/^insert into "rounds"/.test(sql)) {
    return 'round recorded';
  }
  if (/^insert into "contributions"/.test(sql)) return 'contribution recorded';
  if (/^insert into "sealed_shares"/.test(sql)) return 'sealed shares kept';
  if (/^delete from "sealed_shares"/.test(sql)) return 'sealed shares deleted';
  if (/^update "runs" set "state"/.test(sql)) {
    const { round } = JSON.parse(parameters[0]);
    if (!round) return 'state saved: no round';
    const reported = (round.cohort ?? []).filter(
      ({ stage }) => stage === 'reported' || stage === 'summed',
    ).length;
    return `state saved: ${round.phase}${round.phase === 'reporting' ? ` ${reported}` : ''}`;
  }
  return null;
}
