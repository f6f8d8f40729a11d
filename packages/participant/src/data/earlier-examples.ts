/** Examples as they lay before there were data sets: one database per run. Read once, taken over, and deleted. */
import { type DataSchema, dataInputSize, type RunId } from '@tributary/fl-core';
import { deleteDB, type IDBPDatabase, openDB } from 'idb';
import type { CarriedOver } from './create-vault.ts';
import type { DataSetId, ExampleBatch, NewDataSet, Rows } from './data-set.ts';
import { joinRows } from './rows.ts';

const PREFIX = 'tributary-examples-';

export interface EarlierRun {
  readonly runId: RunId;
  readonly schema: DataSchema;
  /** What the data set will be called. */
  readonly name: string;
}

interface Earlier {
  readonly dataSet: NewDataSet;
  readonly batch: ExampleBatch;
  /** The split stays as it was: what was held out from a run was never trained on. */
  readonly carried: CarriedOver;
}

interface EarlierChunk {
  readonly inputs: Uint8Array | Float32Array;
  readonly labels: Int32Array;
  readonly heldOut: Uint8Array;
}

export async function readEarlierExamples({ runId, schema, name }: EarlierRun): Promise<Earlier | null> {
  const db = await openExisting(`${PREFIX}${runId}`);
  if (!db) return null;
  const chunks = (await db.getAll('chunks').finally(() => db.close())) as EarlierChunk[];
  const rowSize = dataInputSize(schema);
  const heldOutOf = (chunk: EarlierChunk) => chunk.heldOut.length;
  const fits = chunks.every((chunk) => chunk.inputs.length === heldOutOf(chunk) * rowSize);
  if (chunks.length === 0 || !fits) return null;
  const { inputs, labels, heldOut } = joinRows(
    chunks.map((chunk): Rows => ({ ...chunk, numbers: new Uint32Array(heldOutOf(chunk)) })),
  );
  return {
    dataSet: { name, schema, source: { kind: 'earlier' }, encrypted: false },
    batch: { inputs, rowSize, labels, labelsPerExample: labels.length / heldOut.length },
    // An id of its own makes a second attempt, after a crash, find what the first one did.
    carried: { id: `earlier-${runId}` as DataSetId, heldOut },
  };
}

/** Those of one run, or of all. */
export async function deleteEarlierExamples(runId?: RunId): Promise<void> {
  if (runId) return deleteDB(`${PREFIX}${runId}`);
  const names = ((await indexedDB.databases?.()) ?? []).flatMap(({ name }) => name ?? []);
  for (const name of names.filter((found) => found.startsWith(PREFIX))) await deleteDB(name);
}

/** Null when there is no such database; none is made by asking. */
async function openExisting(name: string): Promise<IDBPDatabase | null> {
  try {
    return await openDB(name, 1, {
      upgrade(_db, _oldVersion, _newVersion, transaction) {
        // It aborts the very transaction that makes the database, which is what `openDB` then rejects with.
        transaction.done.catch(() => {});
        transaction.abort();
      },
    });
  } catch {
    return null;
  }
}
