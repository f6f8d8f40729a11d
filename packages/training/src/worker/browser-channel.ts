import type { WorkerChannel } from './channel.ts';
import type { MessageFromWorker } from './messages.ts';

export function browserChannel(worker: Worker): WorkerChannel {
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    onMessage: (listener) =>
      worker.addEventListener('message', (event: MessageEvent<MessageFromWorker>) => listener(event.data)),
    onCrash(listener) {
      worker.addEventListener('error', (event) => listener(event.message || 'it could not be loaded'));
      worker.addEventListener('messageerror', () => listener('a message could not be read'));
    },
    terminate: () => Promise.resolve(worker.terminate()),
  };
}
