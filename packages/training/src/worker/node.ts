/** Training from Node: `@tributary/training/node`. Never on the caller's thread: tfjs installs process-wide handlers. */
import { Worker } from 'node:worker_threads';
import type { Trainer } from '@tributary/fl-core';
import type { TrainerOptions } from '../create-trainer.ts';
import type { MessageFromWorker } from './messages.ts';
import { openRemoteTrainer } from './remote-trainer.ts';

export type { TrainerOptions } from '../create-trainer.ts';

/**
 * A trainer in a worker thread; `dispose` ends it. While the trainer lives, Node does not exit.
 * @throws TributaryError `backend-unavailable` (also when the thread dies), `model-unsupported`
 */
export function createNodeTrainer(options: TrainerOptions): Promise<Trainer> {
  const thread = new Worker(threadEntry());
  return openRemoteTrainer(
    {
      post: (message) => thread.postMessage(message),
      onMessage: (listener) => thread.on('message', (message: MessageFromWorker) => listener(message)),
      onCrash(listener) {
        thread.on('error', (error) => listener(error.message));
        thread.on('exit', (code) => listener(`exit code ${code}`));
      },
      terminate: () => thread.terminate(),
    },
    options,
  );
}

/** A thread runs JavaScript: under vitest, where this module is TypeScript, the thread comes from the build. */
function threadEntry(): URL {
  const fromSource = import.meta.url.endsWith('.ts');
  return new URL(fromSource ? '../../dist/worker/node-thread.js' : './node-thread.js', import.meta.url);
}
