/** What an import gives back: examples ready to be stored, and an account of everything that was not taken. */
import type { ExampleBatch } from '@tributary/participant';

/**
 * Why a file, a row or an image was not taken. `kind` is stable and stands in the downloadable report; words come from
 * the message catalogue, not from here.
 */
export type RejectionReason =
  | { readonly kind: 'file-kind-unknown' }
  | { readonly kind: 'file-too-large'; readonly limitBytes: number }
  | { readonly kind: 'file-unreadable' }
  | { readonly kind: 'kind-not-wanted'; readonly wanted: 'image' | 'tabular' | 'text' }
  | { readonly kind: 'archive-damaged' }
  | { readonly kind: 'archive-in-archive' }
  | { readonly kind: 'archive-too-many-entries'; readonly limit: number }
  | { readonly kind: 'archive-too-large'; readonly limitBytes: number }
  /** So much from so little is a zip bomb. */
  | { readonly kind: 'archive-inflates-too-much'; readonly limit: number }
  | { readonly kind: 'picture-too-large'; readonly width: number; readonly height: number }
  | { readonly kind: 'idx-magic'; readonly found: number }
  | { readonly kind: 'idx-length'; readonly expectedBytes: number; readonly foundBytes: number }
  | { readonly kind: 'idx-image-size'; readonly expected: string; readonly found: string }
  | { readonly kind: 'idx-without-partner'; readonly has: 'images' | 'labels' }
  | { readonly kind: 'idx-count-mismatch'; readonly images: number; readonly labels: number }
  | { readonly kind: 'label-unknown'; readonly label: string }
  | { readonly kind: 'label-missing' }
  | { readonly kind: 'column-missing'; readonly column: string }
  | { readonly kind: 'column-count'; readonly expected: number; readonly found: number }
  | { readonly kind: 'quote-unclosed' }
  | { readonly kind: 'value-missing'; readonly column: string }
  | { readonly kind: 'value-not-a-number'; readonly column: string; readonly value: string }
  | { readonly kind: 'value-out-of-range'; readonly column: string; readonly value: string }
  | { readonly kind: 'category-unknown'; readonly column: string; readonly value: string }
  | { readonly kind: 'text-too-short'; readonly needed: number };

export interface Rejection {
  readonly file: string;
  /** Line of the file, or place of the example in it, counted from 1; null when the whole file is meant. */
  readonly position: number | null;
  /** Column of the table or `label`; null when the whole row is meant. */
  readonly field: string | null;
  readonly reason: RejectionReason;
}

export interface ImportReport {
  readonly rejected: number;
  /** Most frequent first. */
  readonly byReason: readonly { readonly kind: RejectionReason['kind']; readonly count: number }[];
  /** As many as a page can show. */
  readonly first: readonly Rejection[];
  /** Every single one, as CSV. */
  readonly all: Blob;
}

export interface ImportOutcome {
  /** Null when nothing was accepted. */
  readonly examples: ExampleBatch | null;
  /** Class index -> number of examples; empty for text, whose labels are its own characters. */
  readonly countsByLabel: ReadonlyMap<number, number>;
  readonly report: ImportReport;
}

export interface ImportProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly accepted: number;
  readonly rejected: number;
}

/** A file that could not be used at all; carries the reason that the person is told. */
export class ImportRefused extends Error {
  readonly reason: RejectionReason;

  constructor(reason: RejectionReason) {
    super(`import refused: ${reason.kind}`);
    this.name = 'ImportRefused';
    this.reason = reason;
  }
}
