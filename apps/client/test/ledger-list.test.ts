import type { LedgerEntry } from '@tributary/participant';
import { describe, expect, it } from 'vitest';
import {
  filtered,
  ledgerAsCsv,
  ledgerAsJson,
  ledgerListOf,
  roundsIn,
  withEntry,
} from '../src/participant-page/ledger-list.ts';

const entryOf = (number: number, change: Partial<LedgerEntry> = {}): LedgerEntry => ({
  number,
  at: 1_700_000_000_000 + number,
  runId: null,
  kind: 'message',
  subject: 'progress',
  times: 1,
  bytes: 10,
  sha256: 'ab'.repeat(32),
  roundNumber: null,
  ...change,
});

const ENTRIES = [
  entryOf(1, { kind: 'protocol', subject: 'keep-alive', times: 3, bytes: 3 }),
  entryOf(2, { roundNumber: 1 }),
  entryOf(3, { roundNumber: 2, kind: 'upload', subject: 'update', bytes: 1000 }),
];

describe('the list of what left', () => {
  it('sums the same whether it is read at once or grows entry by entry', () => {
    const grown = ENTRIES.reduce(withEntry, ledgerListOf([]));
    expect(grown).toEqual(ledgerListOf(ENTRIES));
    expect(grown).toMatchObject({ bytes: 1013, count: 5, uploads: 1 });
  });

  it('takes a keep-alive that comes again in the place of the earlier one', () => {
    const again = entryOf(1, { kind: 'protocol', subject: 'keep-alive', times: 4, bytes: 4 });
    const list = withEntry(ledgerListOf(ENTRIES), again);
    expect(list).toMatchObject({ bytes: 1014, count: 6, uploads: 1 });
    expect(list.entries[0]).toBe(again);
    expect(list.entries).toHaveLength(3);
  });

  it('shows the newest first, by kind and round', () => {
    const numbers = (...filter: Parameters<typeof filtered>) =>
      filtered(...filter).map(({ number }) => number);
    expect(numbers(ENTRIES, { kind: 'all', roundNumber: 'all' })).toEqual([3, 2, 1]);
    expect(numbers(ENTRIES, { kind: 'message', roundNumber: 'all' })).toEqual([2]);
    expect(numbers(ENTRIES, { kind: 'all', roundNumber: 2 })).toEqual([3]);
    expect(roundsIn(ENTRIES)).toEqual([2, 1]);
  });

  it('exports every entry, with times that programs can read', () => {
    const rows = ledgerAsCsv(ENTRIES).split('\r\n');
    expect(rows).toHaveLength(ENTRIES.length + 2);
    expect(rows[3]).toBe(`3,2023-11-14T22:13:20.003Z,upload,update,2,1,1000,${'ab'.repeat(32)}`);
    expect(JSON.parse(ledgerAsJson(ENTRIES))).toMatchObject([
      { number: 1, times: 3 },
      { number: 2, at: '2023-11-14T22:13:20.002Z' },
      { number: 3, sha256: 'ab'.repeat(32) },
    ]);
  });
});
