/** The demo: virtual participants in real time, through the real network path, on one thread of their own. */
import { Worker } from 'node:worker_threads';
import { builtWorker } from '../threads/thread.ts';
import { loadDemoRecord, saveDemoRecord } from './demo-record.ts';
import type { DemoWorkerData, DemoWorkerMessage } from './demo-worker.ts';

export { demoManifest, demoValidationSet } from './demo-task.ts';

export interface DemoOptions {
  /** Where the coordinator listens. */
  readonly coordinatorUrl: string;
  /** Admits the virtual participants to the demo's run. */
  readonly ticket: string;
  readonly dataDir: string;
  /** Aborting it is `close()`. */
  readonly signal?: AbortSignal;
  /** Told once: accuracy of the best participant that trains alone, on the same validation set. */
  readonly onSoloAccuracy?: (soloAccuracy: number) => void;
  /** Told when something goes wrong on the demo's thread; the coordinator goes on without it. */
  readonly onFault?: (message: string) => void;
}

export interface Demo {
  /** What a participant reaches alone, as a fraction; null until it has been measured. */
  soloAccuracy(): number | null;
  /** The virtual participants are gone, like closed tabs. Idempotent. */
  close(): Promise<void>;
}

const FAULT_PATIENCE_MS = 1000;
const CLOSING_PATIENCE_MS = 2000;

/** Resolves when the participants' thread is running, not when they have checked in. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { coordinatorUrl, ticket, dataDir, signal, onSoloAccuracy, onFault } = options;
  let record = await loadDemoRecord(dataDir);
  const { deviceSeed } = record;
  const measuresBaseline = record.soloAccuracy === null;
  if (record.soloAccuracy !== null) onSoloAccuracy?.(record.soloAccuracy);

  const worker = new Worker(builtWorker('demo-worker', import.meta.url), {
    // A test runner's own arguments would lead the built worker back to sources that Node 20 cannot run.
    execArgv: [],
    workerData: { coordinatorUrl, ticket, deviceSeed, measuresBaseline } satisfies DemoWorkerData,
  });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('error', (error) => onFault?.(error.message));
  worker.on('message', (message: DemoWorkerMessage) => {
    if (message.type === 'faultMet') {
      tellUnlessClosing(message.message);
      return;
    }
    record = { ...record, soloAccuracy: message.soloAccuracy };
    onSoloAccuracy?.(message.soloAccuracy);
    saveDemoRecord(dataDir, record).catch((error: Error) => onFault?.(error.message));
  });

  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= (async () => {
      worker.postMessage('close');
      const impatient = setTimeout(() => void worker.terminate(), CLOSING_PATIENCE_MS);
      await ended;
      clearTimeout(impatient);
    })();
    return closing;
  };
  /** Participants complain when their coordinator is being stopped; wait a moment to see whether it is. */
  function tellUnlessClosing(fault: string): void {
    setTimeout(() => closing ?? onFault?.(fault), FAULT_PATIENCE_MS).unref();
  }
  signal?.addEventListener('abort', () => void close(), { once: true });
  return { soloAccuracy: () => record.soloAccuracy, close };
}
