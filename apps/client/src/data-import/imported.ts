/** What an import gives back: examples ready to be stored, and an account of everything that was not taken. */
import type { ExampleBatch } from '@tributary/participant';

/** Why a file, a row or an image was not taken. Words come from the message catalogue, not from here. */
export type RejectionReason =
  | { readonly kind: 'file-kind-unknown' }
  | { readonly kind: 'file-too-large'; readonly limitBytes: number }
  | { readonly kind: 'file-unreadable' }
  | { readonly kind: 'kind-not-wanted'; readonly wanted: 'image' | 'tabular' | 'text' }
  | { readonly kind: 'idx-magic'; readonly found: number }
  | { readonly kind: 'idx-length'; readonly expectedBytes: number; readonly foundBytes: number }
  | { readonly kind: 'idx-image-size'; readonly expected: string; readonly found: string }
  | { readonly kind: 'idx-without-partner'; readonly has: 'images' | 'labels' }
  | { readonly kind: 'idx-count-mismatch'; readonly images: number; readonly labels: number }
  | { readonly kind: 'label-unknown'; readonly label: string }
  | { readonly kind: 'label-missing' }
  | { readonly kind: 'column-missing'; readonly column: string }
  | { readonly kind: 'column-count'; readonly expected: number; readonly found: number }
  | { readonly kind: 'value-missing'; readonly column: string }
  | { readonly kind: 'value-not-a-number'; readonly column: string; readonly value: string }
  | { readonly kind: 'category-unknown'; readonly column: string; readonly value: string }
  | { readonly kind: 'text-too-short'; readonly needed: number };

interface Rejection {
  /** Line of the file, or place of the example in it, counted from 1; null when the whole file is meant. */
  readonly position: number | null;
  readonly reason: RejectionReason;
}

export interface FileReport {
  readonly file: string;
  readonly accepted: number;
  readonly rejected: number;
  /** The first few, in file order; `rejected` counts all. */
  readonly rejections: readonly Rejection[];
}

export interface ImportOutcome {
  /** Null when nothing was accepted. */
  readonly examples: ExampleBatch | null;
  readonly reports: readonly FileReport[];
}

/** Enough to see what is wrong with a file; a million bad rows need not be listed one by one. */
export const LISTED_REJECTIONS = 20;

/** The parsed part of one file, row by row: pixels as bytes, everything else as floats. */
export interface ParsedExamples {
  readonly count: number;
  readonly inputs: Uint8Array | Float32Array;
  readonly labels: Int32Array;
  readonly rejected: number;
  readonly rejections: readonly Rejection[];
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

/** Collects rejections, keeping the first few and counting all. */
export function rejectionLog() {
  const listed: Rejection[] = [];
  let count = 0;
  return {
    add(position: number, reason: RejectionReason) {
      count += 1;
      if (listed.length < LISTED_REJECTIONS) listed.push({ position, reason });
    },
    get rejected() {
      return count;
    },
    rejections: listed as readonly Rejection[],
  };
}
