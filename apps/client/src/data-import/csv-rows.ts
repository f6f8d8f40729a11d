/**
 * CSV (RFC 4180) -> rows with the line on which each begins, a piece at a time: no text is ever there as a whole. A
 * quotation mark counts only at the beginning of a value, and there is no other way to escape one than to double it.
 */
import { textPieces } from './text-pieces.ts';

export type CsvRow =
  | { readonly line: number; readonly cells: readonly string[] }
  /** A quotation mark that nothing closes: this line is lost, and reading goes on with the next. */
  | { readonly line: number; readonly cells: null };

const PIECE_BYTES = 512 * 1024;
/** A row longer than this is a quotation mark that was forgotten. */
const LONGEST_ROW = 1_000_000;

export function* csvRows(
  bytes: Uint8Array,
  options: { pieceBytes?: number; longestRow?: number } = {},
): Generator<CsvRow[]> {
  const { pieceBytes = PIECE_BYTES, longestRow = LONGEST_ROW } = options;
  let rest = '';
  let line = 1;
  let delimiter: string | null = null;
  for (const { text, isLast } of textPieces(bytes, pieceBytes)) {
    rest += text;
    delimiter ??= delimiterOf(rest);
    const rows: CsvRow[] = [];
    let at = 0;
    while (at < rest.length) {
      const row = rowAt(rest, at, delimiter, isLast);
      if (row) {
        if (row.cells.length > 1 || row.cells[0]!.trim() !== '') rows.push({ line, cells: row.cells });
        line += row.lines;
        at = row.end;
      } else {
        if (!isLast && rest.length - at <= longestRow) break;
        rows.push({ line, cells: null });
        const end = rest.indexOf('\n', at);
        line += 1;
        at = end < 0 ? rest.length : end + 1;
      }
    }
    rest = rest.slice(at);
    if (rows.length > 0) yield rows;
  }
}

interface Row {
  readonly cells: readonly string[];
  /** Where the next row begins. */
  readonly end: number;
  readonly lines: number;
}

/** Null when the row does not end in this text. The end of the last text ends a row as well. */
function rowAt(text: string, begin: number, delimiter: string, isLast: boolean): Row | null {
  const cells: string[] = [];
  let lines = 1;
  for (let at = begin; ; ) {
    let value: string;
    if (text[at] === '"') {
      const close = closingQuote(text, at);
      if (close < 0) return null;
      value = text.slice(at + 1, close).replaceAll('""', '"');
      lines += countOf('\n', value);
      at = close + 1;
    } else {
      value = '';
    }
    // Also what stands between a closing quotation mark and the end of the value.
    const end = valueEnd(text, at, delimiter);
    if (end === text.length && !isLast) return null;
    value += text.slice(at, end);
    cells.push(value);
    if (text[end] !== delimiter) return { cells, end: end + 1, lines };
    at = end + 1;
  }
}

function closingQuote(text: string, opening: number): number {
  let at = text.indexOf('"', opening + 1);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

function valueEnd(text: string, from: number, delimiter: string): number {
  let at = from;
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n') at += 1;
  return at;
}

/** The candidate that cuts the first lines into the same number of values, as many as possible. */
function delimiterOf(beginning: string): string {
  const lines = beginning
    .replace(/"[^"]*"/g, '')
    .split('\n', 10)
    .filter((line) => line.trim() !== '');
  const candidates = [',', ';', '\t', '|'].map((delimiter) => {
    const counts = lines.map((line) => countOf(delimiter, line));
    const usual = counts.filter((count) => count === counts[0]).length;
    return { delimiter, score: counts[0] ? usual * 1000 + counts[0] : 0 };
  });
  return candidates.reduce((best, next) => (next.score > best.score ? next : best)).delimiter;
}

function countOf(sought: string, text: string): number {
  let count = 0;
  for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) count += 1;
  return count;
}
