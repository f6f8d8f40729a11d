import type { Worker } from 'node:worker_threads';
import type { WorkerChannel } from './channel.ts';
import type { MessageFromWorker } from './messages.ts';

export function nodeChannel(thread: Worker): WorkerChannel {
  return {
    post: (message, transfer = []) => thread.postMessage(message, transfer),
    onMessage: (listener) => thread.on('message', (message: MessageFromWorker) => listener(message)),
    onCrash(listener) {
      thread.on('error', (error) => listener(error.message));
      thread.on('exit', (code) => listener(`exit code ${code}`));
    },
    terminate: () => thread.terminate(),
  };
}
