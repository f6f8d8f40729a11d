/** What left this device in this run, as the page holds it: all entries, and their sums. */
import type { LedgerEntry, LedgerKind } from '@tributary/participant';

export interface LedgerList {
  /** Oldest first. */
  readonly entries: readonly LedgerEntry[];
  readonly bytes: number;
  /** Messages, counting each keep-alive. */
  readonly count: number;
  readonly uploads: number;
}

export function ledgerListOf(entries: readonly LedgerEntry[]): LedgerList {
  return {
    entries,
    bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0),
    count: entries.reduce((sum, { times }) => sum + times, 0),
    uploads: entries.filter(({ kind }) => kind === 'upload').length,
  };
}

/** A keep-alive comes again under the number that it has. */
export function withEntry(list: LedgerList, entry: LedgerEntry): LedgerList {
  const entries = list.entries.slice();
  const known = entries.findLastIndex(({ number }) => number === entry.number);
  const before = known < 0 ? null : entries[known];
  if (before) entries[known] = entry;
  else entries.push(entry);
  return {
    entries,
    bytes: list.bytes + entry.bytes - (before?.bytes ?? 0),
    count: list.count + entry.times - (before?.times ?? 0),
    uploads: list.uploads + (entry.kind === 'upload' && !before ? 1 : 0),
  };
}

export interface LedgerFilter {
  readonly kind: LedgerKind | 'all';
  readonly roundNumber: number | 'all';
}

/** Newest first. */
export function filtered(entries: readonly LedgerEntry[], { kind, roundNumber }: LedgerFilter) {
  return entries
    .filter((entry) => kind === 'all' || entry.kind === kind)
    .filter((entry) => roundNumber === 'all' || entry.roundNumber === roundNumber)
    .reverse();
}

/** Newest first. */
export function roundsIn(entries: readonly LedgerEntry[]): readonly number[] {
  const rounds = new Set(entries.flatMap(({ roundNumber }) => (roundNumber === null ? [] : [roundNumber])));
  return [...rounds].sort((a, b) => b - a);
}

/** RFC 4180. No field holds a comma or a quote: they are numbers, codes, hashes and times. */
export function ledgerAsCsv(entries: readonly LedgerEntry[]): string {
  const header = 'number,time,kind,subject,round,times,bytes,sha256';
  const rows = entries.map(({ number, at, kind, subject, roundNumber, times, bytes, sha256 }) =>
    [number, new Date(at).toISOString(), kind, subject, roundNumber ?? '', times, bytes, sha256].join(','),
  );
  return [header, ...rows, ''].join('\r\n');
}

export function ledgerAsJson(entries: readonly LedgerEntry[]): string {
  const readable = entries.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() }));
  return `${JSON.stringify(readable, null, 2)}\n`;
}
