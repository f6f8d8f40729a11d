import { type DataSchema, type ErrorCode, TributaryError } from '@tributary/fl-core';
import { openWorker } from '../trusted-types.ts';
import importWorker from './import.worker.ts?worker&url';
import type { ChosenFile, ImportOptions } from './import-files.ts';
import type { ImportOutcome, ImportProgress } from './imported.ts';

export type ImportRequest =
  | {
      readonly kind: 'files';
      readonly data: DataSchema;
      readonly files: readonly ChosenFile[];
      readonly options: ImportOptions;
    }
  | { readonly kind: 'sample'; readonly data: DataSchema; readonly count: number; readonly seed: string };

export type ImportAnswer =
  | { readonly kind: 'progress'; readonly progress: ImportProgress }
  | { readonly kind: 'done'; readonly outcome: ImportOutcome }
  | { readonly kind: 'failed'; readonly code: ErrorCode };

interface Import {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ImportProgress) => void;
}

/**
 * Aborting ends it at once, whatever it is at, and nothing of it remains.
 * @throws TributaryError when the import itself broke; what is wrong with a file is in its report instead
 * @throws the signal's reason when it was aborted
 */
export function importOffThread(
  request: ImportRequest,
  { signal, onProgress }: Import,
): Promise<ImportOutcome> {
  const worker = openWorker(importWorker);
  return new Promise<ImportOutcome>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    signal.throwIfAborted();
    worker.onmessage = ({ data: answer }: MessageEvent<ImportAnswer>) => {
      if (answer.kind === 'progress') onProgress(answer.progress);
      else if (answer.kind === 'done') resolve(answer.outcome);
      else reject(new TributaryError(answer.code, 'the import did not finish'));
    };
    worker.onerror = () => reject(new TributaryError('internal', 'the import did not finish'));
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}
