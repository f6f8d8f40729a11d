/** Changed chunks -> what a data set's record says afterwards. */
import type { Rows } from './data-set.ts';
import type { ChunkEntry, DataSetRecord } from './vault-records.ts';

export interface ChunkChange {
  readonly chunk: number;
  /** What was there; null when nothing was. */
  readonly before: Rows | null;
  /** What is there now; may be empty. */
  readonly after: Rows;
}

export function withChanges(record: DataSetRecord, changes: readonly ChunkChange[]): DataSetRecord {
  const countsByLabel = new Map(record.countsByLabel);
  const chunks = new Map(record.chunks.map((entry) => [entry.chunk, entry]));
  let { heldOutCount } = record;
  for (const { chunk, before, after } of changes) {
    if (before) tally(countsByLabel, before.labels, -1);
    tally(countsByLabel, after.labels, 1);
    heldOutCount += countHeldOut(after) - (before ? countHeldOut(before) : 0);
    if (after.numbers.length > 0) chunks.set(chunk, entryOf(chunk, after));
    else chunks.delete(chunk);
  }
  return {
    ...record,
    revision: record.revision + 1,
    heldOutCount,
    countsByLabel,
    chunks: [...chunks.values()].sort((a, b) => a.chunk - b.chunk),
  };
}

const entryOf = (chunk: number, { numbers, inputs, labels, heldOut }: Rows): ChunkEntry => ({
  chunk,
  rowCount: numbers.length,
  sizeBytes: numbers.byteLength + inputs.byteLength + labels.byteLength + heldOut.byteLength,
});

function tally(counts: Map<number, number>, labels: Int32Array, step: 1 | -1): void {
  for (const label of labels) {
    const count = (counts.get(label) ?? 0) + step;
    if (count === 0) counts.delete(label);
    else counts.set(label, count);
  }
}

const countHeldOut = ({ heldOut }: Rows) => heldOut.reduce((sum, held) => sum + held, 0);
