/** The person's examples as the page sees them: how many there are, and the ways to change that. */
import { errorCodeOf } from '@tributary/fl-core';
import type { ExampleBatch, ExampleStore } from '@tributary/participant';
import { useCallback, useEffect, useState } from 'react';
import { type ImportRequest, importOffThread } from '../data-import/import-off-thread.ts';
import type { FileReport } from '../data-import/imported.ts';
import { words } from '../messages/index.ts';

interface ExampleCounts {
  readonly all: number;
  /** What is left to train after some are held out. */
  readonly training: number;
  /** Class index -> number of examples (of labels, for text). */
  readonly byLabel: ReadonlyMap<number, number>;
}

export type ImportState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'importing' }
  | { readonly phase: 'done'; readonly added: number; readonly reports: readonly FileReport[] }
  | { readonly phase: 'failed'; readonly message: string };

/** Each change resolves to whether it came about; when not, `importing` says why. */
export interface OwnExamples {
  readonly counts: ExampleCounts;
  readonly importing: ImportState;
  importFrom(request: ImportRequest | Promise<ImportRequest>): Promise<boolean>;
  /** Adds what needs no reading, e.g. one drawing. */
  add(batch: ExampleBatch): Promise<boolean>;
  deleteAll(): Promise<boolean>;
}

const NONE: ExampleCounts = { all: 0, training: 0, byLabel: new Map() };

export function useOwnExamples(store: ExampleStore): OwnExamples {
  const [counts, setCounts] = useState(NONE);
  const [importing, setImporting] = useState<ImportState>({ phase: 'idle' });

  const recount = useCallback(async () => {
    const [all, training, byLabel] = await Promise.all([
      store.count(),
      store.trainingCount(),
      store.countsByLabel(),
    ]);
    setCounts({ all, training, byLabel });
  }, [store]);
  useEffect(() => {
    void recount();
    // Another tab of this run may add or delete examples; looking again on return keeps the numbers true.
    const look = () => void (document.visibilityState === 'visible' && recount());
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [recount]);

  const change = async (work: () => Promise<ImportState>) => {
    setImporting({ phase: 'importing' });
    const outcome = await work().catch(
      (error): ImportState => ({ phase: 'failed', message: importFault(error) }),
    );
    setImporting(outcome);
    await recount();
    return outcome.phase !== 'failed';
  };

  return {
    counts,
    importing,
    importFrom: (request) =>
      change(async () => {
        const { examples, reports } = await importOffThread(await request);
        if (examples) await store.put(examples);
        return { phase: 'done', added: examples ? rowsOf(examples) : 0, reports };
      }),
    add: (batch) =>
      change(async () => {
        await store.put(batch);
        return { phase: 'idle' };
      }),
    deleteAll: () =>
      change(async () => {
        await store.clear();
        return { phase: 'idle' };
      }),
  };
}

const rowsOf = (batch: ExampleBatch) => batch.inputs.length / batch.rowSize;

function importFault(error: unknown): string {
  const code = errorCodeOf(error);
  return words.errors[code] ?? words.data.importFailed;
}
