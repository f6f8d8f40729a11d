/** Entry of the training thread in Node. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { parentPort } from 'node:worker_threads';
import type { MessageToWorker } from './messages.ts';
import { serveTrainer } from './serve-trainer.ts';

if (parentPort === null) throw new Error('this module is the entry of a worker thread');
const port = parentPort;

/** The folder of tfjs's `.wasm` files inside the installed package. */
const wasmFolder = `${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`;

const receive = serveTrainer((message, transfer) => port.postMessage(message, transfer));
port.on('message', (message: MessageToWorker) =>
  receive(
    message.type === 'open'
      ? { ...message, options: { wasmPaths: wasmFolder, ...message.options } }
      : message,
  ),
);
