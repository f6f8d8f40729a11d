/** What would take the changes of this visit back. It lives in memory only: rows that were deleted are on no disk. */
import type { DataSetId, Rows } from './data-set.ts';
import type { VaultChange } from './vault.ts';

export type Undoing =
  /** Of a data set that began with so many rows. */
  | { readonly kind: 'uncreate'; readonly rowCount: number }
  | { readonly kind: 'deleteRows'; readonly numbers: readonly number[] }
  | { readonly kind: 'putBack'; readonly rows: Rows }
  /** One label for each number. */
  | { readonly kind: 'label'; readonly numbers: readonly number[]; readonly labels: readonly number[] };

interface Entry {
  readonly change: VaultChange;
  readonly undoing: Undoing;
}

const REMEMBERED_CHANGES = 100;
const REMEMBERED_BYTES = 128 * 1024 * 1024;

export function createUndoStack() {
  let entries: readonly Entry[] = [];
  return {
    push(entry: Entry): void {
      entries = [...entries, entry].slice(-REMEMBERED_CHANGES);
      while (entries.length > 1 && bytesOf(entries) > REMEMBERED_BYTES) entries = entries.slice(1);
    },
    top: (): Entry | null => entries.at(-1) ?? null,
    drop(entry: Entry): void {
      entries = entries.filter((other) => other !== entry);
    },
    /** Nothing of a deleted data set can come back. */
    forget(id: DataSetId): void {
      entries = entries.filter(({ change }) => change.dataSetId !== id);
    },
  };
}

const bytesOf = (entries: readonly Entry[]) =>
  entries.reduce(
    (sum, { undoing }) => sum + (undoing.kind === 'putBack' ? undoing.rows.inputs.byteLength : 0),
    0,
  );
