/** Entry of the training thread in Node. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parentPort, Worker } from 'node:worker_threads';
import { threadOver } from './channel.ts';
import type { MessageToWorker } from './messages.ts';
import { nodeChannel } from './node-channel.ts';
import { serveTrainer } from './serve-trainer.ts';

if (parentPort === null) throw new Error('this module is the entry of a worker thread');
const port = parentPort;

/** The folder of tfjs's `.wasm` files inside the installed package. */
const wasmFolder = `${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`;

/** One, unless it is asked for more: in one process there may be many participants. */
const threads = {
  most: 1,
  start: () => threadOver(nodeChannel(new Worker(fileURLToPath(import.meta.url)))),
};

const receive = serveTrainer((message, transfer) => port.postMessage(message, transfer), threads);
port.on('message', (message: MessageToWorker) =>
  receive(
    message.type === 'open'
      ? { ...message, options: { wasmPaths: wasmFolder, ...message.options } }
      : message,
  ),
);
