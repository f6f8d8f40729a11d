/** The other side of a thread: answers in the order of the questions, and throws nothing. */
import { parentPort } from 'node:worker_threads';
import type { ErrorCode, TributaryError } from '@tributary/fl-core';
import type { SecAggError } from '@tributary/privacy';
import type { Answered, Asked } from './thread.ts';

export interface Reply<Answer> {
  readonly answer: Answer;
  /** Buffers that move to the asker instead of being copied. */
  readonly transfer?: readonly ArrayBuffer[];
}

export function answerQuestions<Question, Answer>(
  handle: (question: Question) => Reply<Answer> | Promise<Reply<Answer>>,
): void {
  let turn: Promise<void> = Promise.resolve();
  const answer = async ({ id, question }: Asked<Question>): Promise<void> => {
    try {
      const { answer, transfer = [] } = await handle(question);
      parentPort?.postMessage({ id, ok: true, answer } satisfies Answered<Answer>, [...transfer]);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      parentPort?.postMessage({
        id,
        ok: false,
        code: codeOf(error),
        message,
      } satisfies Answered<Answer>);
    }
  };
  parentPort?.on('message', (asked: Asked<Question>) => {
    turn = turn.then(() => answer(asked));
  });
}

/** By name and not by class: a thread that needs nothing else of the core does not load it, which saves 15 MB. */
function codeOf(error: unknown): ErrorCode {
  const isOurs = error instanceof Error && ['TributaryError', 'SecAggError'].includes(error.name);
  return isOurs ? (error as TributaryError | SecAggError).code : 'internal';
}
