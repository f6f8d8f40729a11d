import type { Thread } from '../wasm-threads/threaded-engine.ts';
import type { MessageFromWorker, MessageToWorker } from './messages.ts';

/** The little of a worker that both browsers and Node have. */
export interface WorkerChannel {
  /** `transfer` may be taken over: the caller needs those buffers no more. */
  post(message: MessageToWorker, transfer?: ArrayBuffer[]): void;
  onMessage(listener: (message: MessageFromWorker) => void): void;
  /** The worker died, or could not start. */
  onCrash(listener: (reason: string) => void): void;
  terminate(): Promise<unknown>;
}

/** Another worker of the same script, as a thread of this one's training. */
export function threadOver(channel: WorkerChannel): Thread {
  return {
    begin: (duty) => channel.post({ type: 'beginThread', duty }),
    onReady: (listener) => channel.onMessage(({ type }) => type === 'threadReady' && listener()),
    onCrash: (listener) => channel.onCrash(listener),
    terminate: () => void channel.terminate(),
  };
}
