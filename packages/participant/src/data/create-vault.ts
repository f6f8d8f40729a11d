/**
 * The rules of the vault, over any records: rows live in chunks, a change reads the chunks that it touches, and
 * writes them together with the record of their data set in one transaction. WebCrypto would end a transaction of
 * IndexedDB, so nothing is locked while it works: a change that another tab overtook is made again.
 */
import { errorCodeOf, TributaryError } from '@tributary/fl-core';
import { randomHex } from '../random-hex.ts';
import { breathe } from './breathe.ts';
import { type ChunkChange, withChanges } from './chunk-changes.ts';
import type { DataSetId, DataSetSummary, ExampleBatch, NewDataSet, Rows } from './data-set.ts';
import { labelsPerRow, requireFit, requireLabel } from './fit-batch.ts';
import { copyRows, filterRows, joinRows, mergeRows, viewRows } from './rows.ts';
import { createKey, seal, unseal } from './sealed-chunk.ts';
import { splitRows } from './split.ts';
import { createUndoStack, type Undoing } from './undo-stack.ts';
import type { Vault, VaultChange } from './vault.ts';
import type { DataSetRecord, StoredChunk, VaultRecords } from './vault-records.ts';

const ROWS_PER_CHUNK = 512;
const CHUNK_BYTES = 512 * 1024;
const SEED_BYTES = 16;
const ID_BYTES = 8;
const ATTEMPTS = 10;

export interface VaultOptions {
  readonly canEncrypt: boolean;
  readonly now: () => number;
}

/** Rows whose place in the split is known already, for a data set that is to have a certain id. */
export interface CarriedOver {
  readonly id: DataSetId;
  readonly heldOut: Uint8Array;
}

export interface VaultWithImport extends Vault {
  carryOver(dataSet: NewDataSet, batch: ExampleBatch, carried: CarriedOver): Promise<DataSetSummary>;
}

export function createVault(records: VaultRecords, { canEncrypt, now }: VaultOptions): VaultWithImport {
  const undoStack = createUndoStack();
  const listeners = new Set<() => void>();
  let turn: Promise<unknown> = Promise.resolve();

  return {
    canEncrypt,
    async list() {
      const all = await records.listDataSets();
      return all.map(summaryOf).sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    },
    create: (dataSet, batch) =>
      inTurn(async () => {
        const rowCount = requireFit(batch, dataSet.schema);
        const heldOut = await splitRows(await deviceSeed(), batch);
        const summary = await store(dataSet, batch, { id: randomHex(ID_BYTES) as DataSetId, heldOut });
        const change: VaultChange = { kind: 'created', dataSetId: summary.id, rowCount };
        undoStack.push({ change, undoing: { kind: 'uncreate', rowCount } });
        return summary;
      }),
    carryOver: (dataSet, batch, carried) =>
      inTurn(() => {
        requireFit(batch, dataSet.schema);
        return store(dataSet, batch, carried);
      }),
    add: (id, batch) =>
      inTurn(async () => {
        const rowCount = requireFit(batch, (await recordOf(id)).schema);
        const heldOut = await splitRows(await deviceSeed(), batch);
        const { before } = await changeDataSet(id, async (record) => {
          const added = numbered(batch, heldOut, record);
          return { changes: await dealt(record, added), nextRow: record.nextRow + rowCount };
        });
        remember('added', id, rowCount, { kind: 'deleteRows', numbers: range(before.nextRow, rowCount) });
      }),
    rows: (id, from, count) =>
      again(async () => {
        const record = await recordOf(id);
        const key = await keyOf(record);
        const parts: Rows[] = [];
        let place = 0;
        for (const { chunk, rowCount } of record.chunks) {
          const begin = Math.max(from, place);
          const end = Math.min(from + count, place + rowCount);
          if (begin < end) {
            parts.push(viewRows(await readChunk(record, chunk, key), begin - place, end - place, record));
          }
          place += rowCount;
        }
        return parts.length > 0 ? copyRows(joinRows(parts)) : nothingOf(record);
      }),
    async *portions(id) {
      const record = await recordOf(id);
      const key = await keyOf(record);
      for (const { chunk } of record.chunks) {
        await breathe();
        yield await readChunk(record, chunk, key);
      }
    },
    relabel: (id, rowNumbers, label) =>
      inTurn(async () => {
        requireLabel(label, (await recordOf(id)).schema);
        const { numbers, labels } = await changeLabels(id, rowNumbers, () => label);
        if (numbers.length > 0)
          remember('relabelled', id, numbers.length, { kind: 'label', numbers, labels });
      }),
    deleteRows: (id, rowNumbers) =>
      inTurn(async () => {
        const removed = await removeRows(id, rowNumbers);
        if (removed) remember('deleted', id, removed.numbers.length, { kind: 'putBack', rows: removed });
      }),
    lastChange: () => undoStack.top()?.change ?? null,
    undo: () =>
      inTurn(async () => {
        const entry = undoStack.top();
        if (!entry) return null;
        try {
          await takeBack(entry.change.dataSetId, entry.undoing);
        } catch (error) {
          // What cannot be taken back because its data set is gone never can; with a full device it may work later.
          if (errorCodeOf(error) === 'not-found') undoStack.drop(entry);
          throw error;
        }
        undoStack.drop(entry);
        return entry.change;
      }),
    deleteDataSet: (id) => inTurn(() => destroy([id])),
    deleteAll: () => inTurn(async () => destroy((await records.listDataSets()).map(({ id }) => id))),
    leftOut: async (runId) => new Set(await records.readLeftOut(runId)),
    setLeftOut: (runId, id, isLeftOut) =>
      inTurn(async () => {
        const others = (await records.readLeftOut(runId)).filter((other) => other !== id);
        await records.writeLeftOut(runId, isLeftOut ? [...others, id] : others);
      }),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => records.close(),
  };

  /** Changes wait for each other; everybody who listens hears of each. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work).finally(() => {
      for (const listener of listeners) listener();
    });
    turn = done.catch(() => {});
    return done;
  }

  function remember(kind: VaultChange['kind'], id: DataSetId, rowCount: number, undoing: Undoing): void {
    undoStack.push({ change: { kind, dataSetId: id, rowCount }, undoing });
  }

  function deviceSeed(): Promise<string> {
    return records.deviceSeed(() => randomHex(SEED_BYTES));
  }

  async function recordOf(id: DataSetId): Promise<DataSetRecord> {
    const record = await records.readDataSet(id);
    if (!record) throw new TributaryError('not-found', 'this data set is no longer on this device');
    return record;
  }

  async function keyOf(record: DataSetRecord): Promise<CryptoKey | null> {
    if (!record.encrypted) return null;
    const key = await records.readKey(record.id);
    if (!key) throw new TributaryError('data-unreadable', 'the key of this data set is gone');
    return key;
  }

  async function readChunk(record: DataSetRecord, chunk: number, key: CryptoKey | null): Promise<Rows> {
    const stored = await records.readChunk(record.id, chunk);
    // Another tab may have emptied it since the record was read.
    if (!stored) throw new TributaryError('conflict', 'this data set has just changed');
    if (stored.kind === 'plain') return stored.rows;
    if (!key) throw new TributaryError('data-unreadable', 'the key of this data set is gone');
    return unseal(stored, key, { id: record.id, chunk });
  }

  async function store(dataSet: NewDataSet, batch: ExampleBatch, carried: CarriedOver) {
    const { name, schema, source, encrypted } = dataSet;
    const rowBytes = batch.rowSize * batch.inputs.BYTES_PER_ELEMENT;
    const empty: DataSetRecord = {
      ...{ name, schema, source, encrypted, id: carried.id, createdAt: now(), revision: 0, nextRow: 0 },
      rowsPerChunk: Math.max(1, Math.min(ROWS_PER_CHUNK, Math.floor(CHUNK_BYTES / rowBytes))),
      rowSize: batch.rowSize,
      labelsPerExample: labelsPerRow(schema),
      inputKind: kindOf(batch.inputs),
      heldOutCount: 0,
      countsByLabel: new Map(),
      chunks: [],
    };
    const rows = numbered(batch, carried.heldOut, empty);
    const changes = await dealt(empty, rows);
    const record = { ...withChanges(empty, changes), nextRow: rows.numbers.length };
    const key = encrypted ? await createKey() : null;
    const written = await contents(record, changes, key);
    await records.commit({ record, expectedRevision: null, key, written, emptied: [] });
    return summaryOf(record);
  }

  /** The rows of a batch, dealt to the chunks that their numbers belong to, the last one with what it holds already. */
  async function dealt(record: DataSetRecord, rows: Rows): Promise<ChunkChange[]> {
    const perChunk = record.rowsPerChunk;
    const first = record.nextRow;
    const end = first + rows.numbers.length;
    const changes: ChunkChange[] = [];
    for (let chunk = Math.floor(first / perChunk); chunk * perChunk < end; chunk += 1) {
      const from = Math.max(0, chunk * perChunk - first);
      const to = Math.min(end, (chunk + 1) * perChunk) - first;
      const added = viewRows(rows, from, to, record);
      const before = await existing(record, chunk);
      changes.push({ chunk, before, after: before ? mergeRows(before, added, record) : added });
    }
    return changes;
  }

  async function existing(record: DataSetRecord, chunk: number): Promise<Rows | null> {
    if (!record.chunks.some((entry) => entry.chunk === chunk)) return null;
    return readChunk(record, chunk, await keyOf(record));
  }

  /** Plain rows are copied when their turn comes; sealed ones must be ready before the transaction opens. */
  async function contents(
    record: DataSetRecord,
    changes: readonly ChunkChange[],
    key: CryptoKey | null,
  ): Promise<Iterable<readonly [number, StoredChunk]>> {
    const kept = changes.filter(({ after }) => after.numbers.length > 0);
    if (!key) return plainContents(kept);
    const sealed: [number, StoredChunk][] = [];
    for (const { chunk, after } of kept) {
      sealed.push([chunk, await seal(after, key, { id: record.id, chunk })]);
    }
    return sealed;
  }

  /** What came about, after as many attempts as it took. */
  interface Changed {
    readonly before: DataSetRecord;
    readonly changes: readonly ChunkChange[];
  }

  function changeDataSet(
    id: DataSetId,
    plan: (record: DataSetRecord) => Promise<{ changes: readonly ChunkChange[]; nextRow: number }>,
  ): Promise<Changed> {
    return again(async () => {
      const before = await recordOf(id);
      const { changes, nextRow } = await plan(before);
      if (changes.length === 0) return { before, changes };
      const record = { ...withChanges(before, changes), nextRow };
      const written = await contents(record, changes, await keyOf(record));
      const emptied = changes.filter(({ after }) => after.numbers.length === 0).map(({ chunk }) => chunk);
      await records.commit({ record, expectedRevision: before.revision, key: null, written, emptied });
      return { before, changes };
    });
  }

  /** Changes the chunks that hold these rows; `changed` gives null for a chunk that stays as it is. */
  function changeRows(
    id: DataSetId,
    rowNumbers: Iterable<number>,
    changed: (rows: Rows | null, chosen: ReadonlySet<number>, record: DataSetRecord) => Rows | null,
  ): Promise<Changed> {
    return changeDataSet(id, async (record) => {
      const byChunk = new Map<number, Set<number>>();
      for (const number of rowNumbers) {
        const chunk = Math.floor(number / record.rowsPerChunk);
        byChunk.set(chunk, (byChunk.get(chunk) ?? new Set()).add(number));
      }
      const changes: ChunkChange[] = [];
      for (const [chunk, chosen] of byChunk) {
        const before = await existing(record, chunk);
        const after = changed(before, chosen, record);
        if (after) changes.push({ chunk, before, after });
      }
      return { changes, nextRow: record.nextRow };
    });
  }

  /** The rows that have another label now, and the label that each had. */
  async function changeLabels(
    id: DataSetId,
    rowNumbers: readonly number[],
    labelFor: (number: number) => number,
  ): Promise<{ numbers: readonly number[]; labels: readonly number[] }> {
    const { changes } = await changeRows(id, rowNumbers, (before, chosen, { labelsPerExample }) => {
      // The labels of text are its own next characters.
      if (!before || labelsPerExample !== 1) return null;
      const labels = before.labels.map((label, place) =>
        chosen.has(before.numbers[place]!) ? labelFor(before.numbers[place]!) : label,
      );
      return { ...before, labels };
    });
    const former = changes.flatMap(({ before, after }) =>
      [...before!.numbers].flatMap((number, place) =>
        before!.labels[place] === after.labels[place] ? [] : [{ number, label: before!.labels[place]! }],
      ),
    );
    return { numbers: former.map(({ number }) => number), labels: former.map(({ label }) => label) };
  }

  /** The rows that are gone now; null when none is. */
  async function removeRows(id: DataSetId, rowNumbers: readonly number[]): Promise<Rows | null> {
    const chosen = new Set(rowNumbers);
    const { before: record, changes } = await changeRows(id, chosen, (before, _, shape) =>
      before ? filterRows(before, (number) => !chosen.has(number), shape) : null,
    );
    const removed = changes.map(({ before }) => filterRows(before!, (number) => chosen.has(number), record));
    const rows = removed.length > 0 ? joinRows(removed) : null;
    return rows && rows.numbers.length > 0 ? rows : null;
  }

  async function takeBack(id: DataSetId, undoing: Undoing): Promise<void> {
    switch (undoing.kind) {
      case 'uncreate': {
        // Another tab may have added to it: only what came first goes.
        const isAsItBegan = (await recordOf(id)).nextRow === undoing.rowCount;
        if (!isAsItBegan) await removeRows(id, range(0, undoing.rowCount));
        return isAsItBegan || (await recordOf(id)).chunks.length === 0 ? destroy([id]) : undefined;
      }
      case 'deleteRows':
        return void (await removeRows(id, undoing.numbers));
      case 'putBack':
        return void (await changeRows(id, undoing.rows.numbers, (before, chosen, record) => {
          const back = filterRows(undoing.rows, (number) => chosen.has(number), record);
          return before ? mergeRows(before, back, record) : back;
        }));
      case 'label': {
        const former = new Map(undoing.numbers.map((number, i) => [number, undoing.labels[i]!]));
        return void (await changeLabels(id, undoing.numbers, (number) => former.get(number)!));
      }
    }
  }

  async function destroy(ids: readonly DataSetId[]): Promise<void> {
    for (const id of ids) {
      undoStack.forget(id);
      await records.condemn(id);
    }
    await records.sweep();
  }
}

/** Rows that another tab changed in the meantime are read anew. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || errorCodeOf(error) !== 'conflict') throw error;
    }
  }
}

function* plainContents(changes: readonly ChunkChange[]): Generator<readonly [number, StoredChunk]> {
  for (const { chunk, after } of changes) yield [chunk, { kind: 'plain', rows: copyRows(after) }];
}

/** @throws TributaryError `data-invalid` when bytes come to floats, or floats to bytes */
function numbered(batch: ExampleBatch, heldOut: Uint8Array, record: DataSetRecord): Rows {
  if (kindOf(batch.inputs) !== record.inputKind) {
    throw new TributaryError('data-invalid', `this data set holds ${record.inputKind}`);
  }
  const numbers = Uint32Array.from({ length: heldOut.length }, (_, row) => record.nextRow + row);
  return { numbers, inputs: batch.inputs, labels: Int32Array.from(batch.labels), heldOut };
}

const kindOf = (inputs: Rows['inputs']) => (inputs instanceof Float32Array ? 'floats' : 'bytes');

const nothingOf = ({ inputKind }: DataSetRecord): Rows => ({
  numbers: new Uint32Array(),
  inputs: inputKind === 'floats' ? new Float32Array() : new Uint8Array(),
  labels: new Int32Array(),
  heldOut: new Uint8Array(),
});

const range = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

function summaryOf(record: DataSetRecord): DataSetSummary {
  const { id, name, schema, source, encrypted, createdAt, heldOutCount, countsByLabel } = record;
  const { rowSize, labelsPerExample, chunks } = record;
  const total = (sizeOf: (chunk: (typeof chunks)[number]) => number) =>
    chunks.reduce((sum, chunk) => sum + sizeOf(chunk), 0);
  return {
    ...{ id, name, schema, source, encrypted, createdAt, heldOutCount, countsByLabel },
    ...{ rowSize, labelsPerExample },
    rowCount: total((chunk) => chunk.rowCount),
    sizeBytes: total((chunk) => chunk.sizeBytes),
  };
}
