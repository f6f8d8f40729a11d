/** Collects rejections: all of them as text, which the browser may keep on disk, and the first few as they are. */
import type { ImportReport, Rejection, RejectionReason } from './imported.ts';

export const LISTED_REJECTIONS = 50;
const PART_CHARACTERS = 1_000_000;
const HEADER = 'file,line,field,reason,found,expected\r\n';

export interface Report {
  reject(rejection: Omit<Rejection, 'field'>): void;
  readonly rejected: number;
  finish(): ImportReport;
}

export function createReport(): Report {
  const counts = new Map<RejectionReason['kind'], number>();
  const first: Rejection[] = [];
  const parts: Blob[] = [];
  let text = HEADER;
  let rejected = 0;
  return {
    reject({ file, position, reason }) {
      const field = fieldOf(reason);
      rejected += 1;
      counts.set(reason.kind, (counts.get(reason.kind) ?? 0) + 1);
      if (first.length < LISTED_REJECTIONS) first.push({ file, position, field, reason });
      const { found, expected } = detailsOf(reason);
      const cells = [file, position ?? '', field ?? '', reason.kind, found, expected];
      text += `${cells.map((cell) => csvCell(String(cell))).join(',')}\r\n`;
      if (text.length < PART_CHARACTERS) return;
      parts.push(new Blob([text]));
      text = '';
    },
    get rejected() {
      return rejected;
    },
    finish: () => ({
      rejected,
      byReason: [...counts].map(([kind, count]) => ({ kind, count })).sort((a, b) => b.count - a.count),
      first,
      all: new Blob([...parts, text], { type: 'text/csv' }),
    }),
  };
}

function fieldOf(reason: RejectionReason): string | null {
  if ('column' in reason) return reason.column;
  return reason.kind === 'label-unknown' || reason.kind === 'label-missing' ? 'label' : null;
}

function detailsOf(reason: RejectionReason): { found: string | number; expected: string | number } {
  const { kind: _, ...details } = reason as RejectionReason & Record<string, string | number>;
  return {
    found: details.found ?? details.value ?? details.label ?? details.foundBytes ?? details.labels ?? '',
    expected:
      details.expected ??
      details.expectedBytes ??
      details.wanted ??
      details.limitBytes ??
      details.limit ??
      details.needed ??
      details.images ??
      '',
  };
}

/** RFC 4180; an apostrophe keeps a spreadsheet from taking a stranger's text for a formula. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
