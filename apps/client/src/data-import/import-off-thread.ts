import { type DataSchema, type ErrorCode, TributaryError } from '@tributary/fl-core';
import { openWorker } from '../trusted-types.ts';
import importWorker from './import.worker.ts?worker&url';
import type { ChosenFile, ImportOptions } from './import-files.ts';
import type { ImportOutcome } from './imported.ts';

export type ImportRequest =
  | {
      readonly kind: 'files';
      readonly data: DataSchema;
      readonly files: readonly ChosenFile[];
      readonly options: ImportOptions;
    }
  | { readonly kind: 'sample'; readonly data: DataSchema; readonly count: number; readonly seed: string };

export type ImportAnswer =
  | { readonly ok: true; readonly outcome: ImportOutcome }
  | { readonly ok: false; readonly code: ErrorCode };

/** @throws TributaryError when the import itself broke; what is wrong with a file is in its report instead */
export function importOffThread(request: ImportRequest): Promise<ImportOutcome> {
  const worker = openWorker(importWorker);
  return new Promise<ImportOutcome>((resolve, reject) => {
    worker.onmessage = ({ data: answer }: MessageEvent<ImportAnswer>) => {
      if (answer.ok) resolve(answer.outcome);
      else reject(new TributaryError(answer.code, 'the import did not finish'));
    };
    worker.onerror = () => reject(new TributaryError('internal', 'the import did not finish'));
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}
