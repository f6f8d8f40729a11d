/** The worker's questions for portions of a stream, and the answers to them. */
import { type ExamplePortion, TributaryError } from '@tributary/fl-core';
import type { CallId, MessageToWorker } from './messages.ts';

type Answer = Extract<MessageToWorker, { type: 'portion' | 'portionFailed' }>;

export interface PortionRequests {
  ask(call: CallId, portion: number): Promise<ExamplePortion>;
  answer(message: Answer): void;
  /** Nobody waits for this call's portions any more. */
  forget(call: CallId): void;
}

export function createPortionRequests(post: (call: CallId, portion: number) => void): PortionRequests {
  const waiting = new Map<CallId, Map<number, (answer: Answer) => void>>();
  return {
    ask: (call, portion) =>
      new Promise((resolve, reject) => {
        const ofCall = waiting.get(call) ?? new Map<number, (answer: Answer) => void>();
        waiting.set(call, ofCall);
        ofCall.set(portion, (answer) => {
          ofCall.delete(portion);
          if (answer.type === 'portion') resolve(answer.examples);
          else reject(new TributaryError(answer.error.code, answer.error.message));
        });
        post(call, portion);
      }),
    answer: (message) => waiting.get(message.call)?.get(message.portion)?.(message),
    forget: (call) => void waiting.delete(call),
  };
}
