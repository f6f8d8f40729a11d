/** The person's examples as the page sees them: how many there are, and the ways to change that. */
import { errorCodeOf } from '@tributary/fl-core';
import {
  type DataSetSummary,
  dataSetsInUse,
  type ExampleBatch,
  isSameSchema,
  privateDataOf,
  type RunData,
  type Vault,
} from '@tributary/participant';
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

export function useOwnExamples(vault: Vault, run: RunData): OwnExamples {
  const [counts, setCounts] = useState(NONE);
  const [importing, setImporting] = useState<ImportState>({ phase: 'idle' });
  // `run` is written anew at each drawing; its parts are what matters.
  const { runId, data } = run;

  const recount = useCallback(async () => {
    const used = await dataSetsInUse(vault, { runId, data });
    const training = await privateDataOf(vault, { runId, data }).exampleCount();
    setCounts({ all: sumOf(used), training, byLabel: labelCounts(used) });
  }, [vault, runId, data]);
  useEffect(() => {
    void recount();
    // Another tab of this run may add or delete examples; looking again on return keeps the numbers true.
    const look = () => void (document.visibilityState === 'visible' && recount());
    document.addEventListener('visibilitychange', look);
    const stop = vault.onChange(() => void recount());
    return () => {
      stop();
      document.removeEventListener('visibilitychange', look);
    };
  }, [vault, recount]);

  const change = async (work: () => Promise<ImportState>) => {
    setImporting({ phase: 'importing' });
    const outcome = await work().catch(
      (error): ImportState => ({ phase: 'failed', message: importFault(error) }),
    );
    await recount();
    setImporting(outcome);
    return outcome.phase !== 'failed';
  };
  /** What comes little by little gathers in one data set. */
  const gather = async (source: { kind: 'drawn' } | { kind: 'generated' }, batch: ExampleBatch) => {
    const known = (await vault.list()).find(
      (set) => set.source.kind === source.kind && isSameSchema(set.schema, data),
    );
    if (known) return vault.add(known.id, batch);
    const name = source.kind === 'drawn' ? words.data.drawnHere : words.data.generatedHere;
    await vault.create({ name, schema: data, source, encrypted: vault.canEncrypt }, batch);
  };

  return {
    counts,
    importing,
    importFrom: (request) =>
      change(async () => {
        const asked = await request;
        const { examples, reports } = await importOffThread(asked);
        if (examples && asked.kind === 'sample') await gather({ kind: 'generated' }, examples);
        else if (examples && asked.kind === 'files') {
          const files = asked.files.map(({ path }) => path);
          const name = files[0] ?? '';
          const source = { kind: 'files', files } as const;
          await vault.create({ name, schema: data, source, encrypted: vault.canEncrypt }, examples);
        }
        return { phase: 'done', added: examples ? rowsOf(examples) : 0, reports };
      }),
    add: (batch) =>
      change(async () => {
        await gather({ kind: 'drawn' }, batch);
        return { phase: 'idle' };
      }),
    deleteAll: () =>
      change(async () => {
        await vault.deleteAll();
        return { phase: 'idle' };
      }),
  };
}

const rowsOf = (batch: ExampleBatch) => batch.inputs.length / batch.rowSize;
const sumOf = (dataSets: readonly DataSetSummary[]) =>
  dataSets.reduce((total, { rowCount }) => total + rowCount, 0);

function labelCounts(dataSets: readonly DataSetSummary[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { countsByLabel } of dataSets) {
    for (const [label, count] of countsByLabel) counts.set(label, (counts.get(label) ?? 0) + count);
  }
  return counts;
}

function importFault(error: unknown): string {
  const code = errorCodeOf(error);
  return words.errors[code] ?? words.data.importFailed;
}
