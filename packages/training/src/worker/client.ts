/** Training from a page: `@tributary/training/client`. Loads no tfjs; that is the worker's business. */
import type { Trainer } from '@tributary/fl-core';
import type { TrainerPorts } from '../backends/trainer-ports.ts';
import type { TrainerOptions } from '../create-trainer.ts';
import { browserChannel } from './browser-channel.ts';
import { openRemoteTrainer } from './remote-trainer.ts';

export type { SelfTestMemory, SelfTestOutcome, TrainerPorts } from '../backends/trainer-ports.ts';
export type { TrainerOptions } from '../create-trainer.ts';
export { type AdjustableWorkLimit, createWorkLimit } from '../work-limit.ts';

/**
 * A trainer in a dedicated worker; `dispose` terminates it.
 *
 *     // training.worker.ts:  import '@tributary/training/worker';
 *     const worker = new Worker(new URL('./training.worker.ts', import.meta.url), { type: 'module' });
 *     // (under a policy of Trusted Types, the address goes through one of your policies first)
 *     const trainer = await createWorkerTrainer(worker, { model, wasmPaths });
 *
 * @throws TributaryError `backend-unavailable` (also when the worker dies), `model-unsupported`
 */
export function createWorkerTrainer(
  worker: Worker,
  options: TrainerOptions,
  ports: TrainerPorts = {},
): Promise<Trainer> {
  return openRemoteTrainer(browserChannel(worker), options, ports);
}
