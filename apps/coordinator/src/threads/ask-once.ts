import { builtWorker, openThread } from './thread.ts';

/**
 * One question to a thread that starts with it and ends with the answer.
 * @param transfer buffers of the question that move there instead of being copied
 * @throws TributaryError what the thread threw; `internal` when it died
 */
export async function askOnce<Question, Answer>(
  worker: { readonly name: string; readonly importer: string },
  question: Question,
  transfer?: readonly ArrayBuffer[],
): Promise<Answer> {
  const thread = openThread<Question, Answer>(builtWorker(worker.name, worker.importer), {
    isReplaced: false,
  });
  try {
    return await thread.ask(question, transfer);
  } finally {
    await thread.close();
  }
}
