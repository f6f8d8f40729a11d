import plainWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedSimdWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { type TaskManifest, type Trainer, TributaryError } from '@tributary/fl-core';
import { createWorkerTrainer } from '@tributary/training/client';
import { openWorker } from '../trusted-types.ts';
import type { PreferredBackend } from './backend-preference.ts';
import { selfTestMemory } from './self-test-memory.ts';
import trainingWorker from './training.worker.ts?worker&url';

/** By the names under which tfjs asks for them; the addresses carry the hash of their content. */
const WASM_PATHS = {
  'tfjs-backend-wasm.wasm': plainWasm,
  'tfjs-backend-wasm-simd.wasm': simdWasm,
  'tfjs-backend-wasm-threaded-simd.wasm': threadedSimdWasm,
};

/** Called when the first round needs a trainer, so the worker and tfjs load no sooner. */
export async function openWorkerTrainer(
  { model }: TaskManifest,
  {
    preferred,
    signal,
    onBackend,
  }: { preferred: PreferredBackend | null; signal: AbortSignal; onBackend?: () => void },
): Promise<Trainer> {
  const worker = openWorker(trainingWorker);
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        worker.terminate();
        reject(new TributaryError('training-stopped', 'stopped before training began'));
      },
      { once: true },
    );
  });
  const opened = createWorkerTrainer(
    worker,
    { model, wasmPaths: WASM_PATHS, ...(preferred && { prefer: preferred }) },
    {
      // The address carries a hash of the worker and, by their names, of all that it loads.
      selfTests: selfTestMemory(`${trainingWorker} ${navigator.userAgent}`),
      ...(onBackend && { onBackend }),
    },
  );
  return Promise.race([opened, stopped]);
}
