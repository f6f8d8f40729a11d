/** Training from Node: `@tributary/training/node`. Never on the caller's thread: tfjs installs process-wide handlers. */
import { Worker } from 'node:worker_threads';
import type { Trainer } from '@tributary/fl-core';
import type { TrainerOptions } from '../create-trainer.ts';
import { nodeChannel } from './node-channel.ts';
import { openRemoteTrainer } from './remote-trainer.ts';

export type { TrainerOptions } from '../create-trainer.ts';

/**
 * A trainer in a worker thread; `dispose` ends it. While the trainer lives, Node does not exit.
 * @throws TributaryError `backend-unavailable` (also when the thread dies), `model-unsupported`
 */
export function createNodeTrainer(options: TrainerOptions): Promise<Trainer> {
  return openRemoteTrainer(nodeChannel(startThread()), options);
}

/**
 * A thread runs JavaScript: under vitest, where this module is TypeScript, it comes from the build, and must not
 * inherit the flag that makes Node prefer sources.
 */
function startThread(): Worker {
  const fromSource = import.meta.url.endsWith('.ts');
  return fromSource
    ? new Worker(new URL('../../dist/worker/node-thread.js', import.meta.url), { execArgv: [] })
    : new Worker(new URL('./node-thread.js', import.meta.url));
}
