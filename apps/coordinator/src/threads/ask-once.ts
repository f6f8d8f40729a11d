import { setTimeout as after } from 'node:timers/promises';
import type { TributaryError } from '@tributary/fl-core';
import { builtWorker, openThread } from './thread.ts';

interface AskOnceOptions {
  /** Buffers of the question that move there instead of being copied. */
  readonly transfer?: readonly ArrayBuffer[];
  /** When the thread ends, whatever it does, and what is thrown then. */
  readonly deadline?: { readonly ms: number; readonly missed: TributaryError };
}

/**
 * One question to a thread that starts with it and ends with the answer.
 * @throws TributaryError what the thread threw; `internal` when it died; `deadline.missed`
 */
export async function askOnce<Question, Answer>(
  worker: { readonly name: string; readonly importer: string },
  question: Question,
  { transfer, deadline }: AskOnceOptions = {},
): Promise<Answer> {
  const thread = openThread<Question, Answer>(builtWorker(worker.name, worker.importer), {
    isReplaced: false,
  });
  const answered = new AbortController();
  try {
    const answer = thread.ask(question, transfer);
    if (!deadline) return await answer;
    const late = after(deadline.ms, undefined, { signal: answered.signal }).then(() => {
      throw deadline.missed;
    });
    return await Promise.race([answer, late]);
  } finally {
    answered.abort();
    await thread.close();
  }
}
