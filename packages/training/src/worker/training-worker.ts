/** Entry of the dedicated worker in a browser: `@tributary/training/worker`. */
import type { MessageToWorker } from './messages.ts';
import { serveTrainer } from './serve-trainer.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const receive = serveTrainer((message, transfer) => scope.postMessage(message, transfer));
scope.addEventListener('message', (event: MessageEvent<MessageToWorker>) => receive(event.data));
