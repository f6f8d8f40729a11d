/**
 * A worker thread that answers questions, one after another. Usually a thread that dies is replaced, and what it had
 * not answered is asked again: questions must be such that asking twice does no harm.
 */
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, TributaryError } from '@tributary/fl-core';

export interface Asked<Question> {
  readonly id: number;
  readonly question: Question;
}
export type Answered<Answer> =
  | { readonly id: number; readonly ok: true; readonly answer: Answer }
  | { readonly id: number; readonly ok: false; readonly code: ErrorCode; readonly message: string };

export interface Thread<Question, Answer> {
  /**
   * @param transfer buffers of the question that move there instead of being copied; only for a thread that is not replaced
   * @throws TributaryError what the thread threw; `internal` when it died of this question, too; `run-not-open` after `close`
   */
  ask(question: Question, transfer?: readonly ArrayBuffer[]): Promise<Answer>;
  /** Ends the thread as a fault would; the next question starts another. For tests. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

interface Waiting<Question, Answer> {
  readonly question: Question;
  attempts: number;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** What these threads keep is in buffers outside the heap; the default would be 48 MB of room for small objects. */
const SMALL_NURSERY = { maxYoungGenerationSizeMb: 6 };
/** A thread costs more than 20 MB, and a tenth of a second to start. */
const REST_AFTER_MS = 10_000;
/** A question that ends one thread may have met an accident; one that ends two is the accident. */
const MAXIMUM_ATTEMPTS = 2;

export interface ThreadOptions {
  /** With false the thread's death is the end: nothing is asked twice, and nothing more is answered. Default true. */
  readonly isReplaced?: boolean;
  /** What the worker finds as `workerData`. */
  readonly data?: unknown;
  /** Whether an idle thread may end until it is asked again; by default it stays. */
  readonly mayRest?: () => boolean;
  /** Default 10 s. */
  readonly restAfterMs?: number;
}

/** @param file the worker's built module; started when the first question comes */
export function openThread<Question, Answer>(
  file: URL,
  { isReplaced = true, data, mayRest = () => false, restAfterMs = REST_AFTER_MS }: ThreadOptions = {},
): Thread<Question, Answer> {
  const waiting = new Map<number, Waiting<Question, Answer>>();
  let worker: Worker | null = null;
  let lastId = 0;
  let isClosed = false;
  let isDead = false;
  let rest: NodeJS.Timeout | undefined;

  const considerRest = (): void => {
    clearTimeout(rest);
    rest = setTimeout(() => {
      if (waiting.size > 0 || !mayRest()) return;
      const resting = worker;
      worker = null;
      void resting?.terminate();
    }, restAfterMs).unref();
  };

  const start = (): Worker => {
    const started = new Worker(file, { execArgv: [], workerData: data, resourceLimits: SMALL_NURSERY });
    started.on('message', (answered: Answered<Answer>) => {
      const asker = waiting.get(answered.id);
      waiting.delete(answered.id);
      // Idle, it keeps no process from ending.
      if (waiting.size === 0) {
        started.unref();
        considerRest();
      }
      if (answered.ok) asker?.resolve(answered.answer);
      else asker?.reject(new TributaryError(answered.code, answered.message));
    });
    // An error is followed by the exit, which decides what becomes of the questions.
    let cause: unknown;
    started.on('error', (error) => {
      cause = error;
    });
    started.on('exit', () => {
      // One that went to rest had nothing left to answer; what was asked since is another's.
      if (worker !== started) return;
      worker = null;
      if (!isReplaced) isDead = true;
      askAgain(cause);
    });
    return started;
  };

  const post = (id: number, question: Question, transfer: readonly ArrayBuffer[] = []): void => {
    worker ??= start();
    worker.ref();
    worker.postMessage({ id, question } satisfies Asked<Question>, [...transfer]);
  };

  const askAgain = (cause: unknown): void => {
    for (const [id, asker] of [...waiting]) {
      asker.attempts += 1;
      if (!isClosed && !isDead && asker.attempts < MAXIMUM_ATTEMPTS) post(id, asker.question);
      else {
        waiting.delete(id);
        asker.reject(new TributaryError('internal', 'a worker thread ended', { cause }));
      }
    }
  };

  return {
    ask(question, transfer) {
      if (isClosed) {
        return Promise.reject(new TributaryError('run-not-open', 'the coordinator is shutting down'));
      }
      if (isDead) return Promise.reject(new TributaryError('internal', 'a worker thread ended earlier'));
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        waiting.set(id, { question, attempts: 0, resolve, reject });
        post(id, question, transfer);
      });
    },
    async kill() {
      await worker?.terminate();
    },
    async close() {
      isClosed = true;
      await worker?.terminate();
    },
  };
}

/** Node 20 cannot run TypeScript: from source (under vitest) the built worker is used. */
export function builtWorker(name: string, importer: string): URL {
  const built = new URL(`./${name}.js`, importer);
  if (!importer.endsWith('.ts')) return built;
  const compiled = new URL(built.href.replace('/coordinator/src/', '/coordinator/dist/'));
  if (!existsSync(compiled)) throw new Error(`${compiled.pathname} is not built; run \`npx tsc -b\``);
  return compiled;
}
