/** The person's data sets as the page sees them, and the ways to change them. */
import { type DataSchema, errorCodeOf, type RunId } from '@tributary/fl-core';
import {
  type DataSetId,
  type DataSetSummary,
  type ExampleBatch,
  isSameSchema,
  type RunData,
  trainingCountOf,
  type Vault,
  type VaultChange,
} from '@tributary/participant';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type ImportRequest, importOffThread } from '../data-import/import-off-thread.ts';
import type { ImportOutcome, ImportProgress, ImportReport } from '../data-import/imported.ts';
import { words } from '../messages/index.ts';
import { prefersEncryption, rememberEncryption } from './encryption-preference.ts';

export interface ListedDataSet extends DataSetSummary {
  /** Made for the schema of this run. */
  readonly fits: boolean;
  readonly inUse: boolean;
}

interface ExampleCounts {
  readonly all: number;
  /** What is left to train after some are held out. */
  readonly training: number;
}

export type ImportState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'reading'; readonly progress: ImportProgress | null }
  | { readonly phase: 'preview'; readonly outcome: ImportOutcome; readonly files: readonly string[] }
  | { readonly phase: 'storing' }
  | { readonly phase: 'done'; readonly added: number; readonly report: ImportReport | null }
  | { readonly phase: 'failed'; readonly message: string };

type FilesRequest = Extract<ImportRequest, { kind: 'files' }>;
type SampleRequest = Extract<ImportRequest, { kind: 'sample' }>;

/** Each change resolves to whether it came about; when not, `importing` says why. */
export interface OwnExamples {
  readonly vault: Vault;
  readonly dataSets: readonly ListedDataSet[];
  /** Of the data sets in use. */
  readonly counts: ExampleCounts;
  readonly lastChange: VaultChange | null;
  readonly importing: ImportState;
  readonly encrypting: boolean;
  setEncrypting(encrypting: boolean): void;
  /** Reads files and shows what is in them; `accept` stores it, `discard` forgets it, also while it is being read. */
  readFiles(request: FilesRequest | Promise<FilesRequest>): Promise<void>;
  accept(): Promise<boolean>;
  discard(): void;
  addSample(request: SampleRequest): Promise<boolean>;
  /** Adds what needs no reading, e.g. one drawing. */
  add(batch: ExampleBatch): Promise<boolean>;
  setInUse(id: DataSetId, inUse: boolean): Promise<boolean>;
  relabel(id: DataSetId, rowNumbers: readonly number[], label: number): Promise<boolean>;
  deleteRows(id: DataSetId, rowNumbers: readonly number[]): Promise<boolean>;
  undo(): Promise<VaultChange | null>;
  deleteDataSet(id: DataSetId): Promise<boolean>;
  deleteAll(): Promise<boolean>;
}

export function useOwnExamples(vault: Vault, { runId, data }: RunData): OwnExamples {
  const { dataSets, lastChange } = useDataSets(vault, runId, data);
  const [importing, setImporting] = useState<ImportState>({ phase: 'idle' });
  const [wantsEncryption, setWantsEncryption] = useState(prefersEncryption);
  const reading = useRef(new AbortController());
  useEffect(() => () => reading.current.abort(), []);
  const encrypted = vault.canEncrypt && wantsEncryption;
  const used = dataSets.filter(({ inUse }) => inUse);

  /** Undefined when it failed. */
  async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      setImporting({ phase: 'failed', message: faultOf(error) });
      return undefined;
    }
  }
  const change = async (work: () => Promise<unknown>) =>
    (await attempt(() => work().then(() => true))) ?? false;

  const read = async (
    request: ImportRequest | Promise<ImportRequest>,
  ): Promise<ImportOutcome | undefined> => {
    reading.current.abort();
    const mine = new AbortController();
    reading.current = mine;
    setImporting({ phase: 'reading', progress: null });
    const onProgress = (progress: ImportProgress) => setImporting({ phase: 'reading', progress });
    try {
      return await importOffThread(await request, { signal: mine.signal, onProgress });
    } catch (error) {
      if (!mine.signal.aborted) setImporting({ phase: 'failed', message: faultOf(error) });
      return undefined;
    }
  };
  const store = async (report: ImportReport | null, rows: number, work: () => Promise<unknown>) => {
    setImporting({ phase: 'storing' });
    const isStored = await change(work);
    if (isStored) setImporting({ phase: 'done', added: rows, report });
    return isStored;
  };
  /** What comes little by little gathers in one data set. */
  const gather = async (kind: 'drawn' | 'generated', batch: ExampleBatch) => {
    const known = (await vault.list()).find(
      (set) => set.source.kind === kind && set.encrypted === encrypted && isSameSchema(set.schema, data),
    );
    if (known) return vault.add(known.id, batch);
    const name = kind === 'drawn' ? words.data.drawnHere : words.data.generatedHere;
    await vault.create({ name, schema: data, source: { kind }, encrypted }, batch);
  };

  return {
    vault,
    dataSets,
    counts: { all: sumOfRows(used), training: trainingCountOf(used) },
    lastChange,
    importing,
    encrypting: encrypted,
    setEncrypting(wanted) {
      rememberEncryption(wanted);
      setWantsEncryption(wanted);
    },
    async readFiles(request) {
      const outcome = await read(request);
      if (!outcome) return;
      const files = (await request).files.map(({ path }) => path);
      setImporting({ phase: 'preview', outcome, files });
    },
    async accept() {
      if (importing.phase !== 'preview' || !importing.outcome.examples) return false;
      const { files, outcome } = importing;
      const { examples, report } = outcome;
      const source = { kind: 'files', files } as const;
      return store(report, rowsOf(examples!), () =>
        vault.create({ name: nameOf(files), schema: data, source, encrypted }, examples!),
      );
    },
    discard() {
      reading.current.abort();
      setImporting({ phase: 'idle' });
    },
    async addSample(request) {
      const examples = (await read(request))?.examples;
      return examples ? store(null, rowsOf(examples), () => gather('generated', examples)) : false;
    },
    add: (batch) => change(() => gather('drawn', batch)),
    setInUse: (id, inUse) => change(() => vault.setLeftOut(runId, id, !inUse)),
    relabel: (id, rowNumbers, label) => change(() => vault.relabel(id, rowNumbers, label)),
    deleteRows: (id, rowNumbers) => change(() => vault.deleteRows(id, rowNumbers)),
    undo: async () => (await attempt(() => vault.undo())) ?? null,
    deleteDataSet: (id) => change(() => vault.deleteDataSet(id)),
    deleteAll: () => change(() => vault.deleteAll()),
  };
}

function useDataSets(vault: Vault, runId: RunId, data: DataSchema) {
  const [dataSets, setDataSets] = useState<readonly ListedDataSet[]>([]);
  const [lastChange, setLastChange] = useState<VaultChange | null>(null);
  const looks = useRef(0);
  const look = useCallback(async () => {
    looks.current += 1;
    const thisLook = looks.current;
    const [all, leftOut] = await Promise.all([vault.list(), vault.leftOut(runId)]);
    // A later look knows better.
    if (thisLook !== looks.current) return;
    setLastChange(vault.lastChange());
    setDataSets(
      all.map((dataSet) => {
        const fits = isSameSchema(dataSet.schema, data);
        return { ...dataSet, fits, inUse: fits && !leftOut.has(dataSet.id) };
      }),
    );
  }, [vault, runId, data]);
  useEffect(() => {
    const lookAgain = () => void look().catch(() => {});
    lookAgain();
    // Another tab may add or delete; looking again on return keeps the numbers true.
    const onReturn = () => document.visibilityState === 'visible' && lookAgain();
    document.addEventListener('visibilitychange', onReturn);
    const stop = vault.onChange(lookAgain);
    return () => {
      stop();
      document.removeEventListener('visibilitychange', onReturn);
    };
  }, [vault, look]);
  return { dataSets, lastChange };
}

/** One file gives its own name, a folder the name of the folder. */
function nameOf(files: readonly string[]): string {
  const folders = new Set(files.map((path) => (path.includes('/') ? path.split('/')[0]! : '')));
  const [folder] = folders;
  return folders.size === 1 && folder ? folder : words.data.filesName(files[0]!, files.length - 1);
}

const rowsOf = (batch: ExampleBatch) => batch.inputs.length / batch.rowSize;
const sumOfRows = (dataSets: readonly DataSetSummary[]) =>
  dataSets.reduce((total, { rowCount }) => total + rowCount, 0);

function faultOf(error: unknown): string {
  return words.errors[errorCodeOf(error)] ?? words.data.importFailed;
}
