/** What a page and its encoding worker say to each other: one question, one answer. */
import type { ErrorCode } from '@tributary/fl-core';
import type { CodedFrame, CodingRound } from '../round/clear-frame.ts';
import type { LocalUpdate } from '../round/local-update.ts';

export interface EncodingRequest {
  readonly update: LocalUpdate;
  readonly round: CodingRound;
}

export type EncodingAnswer =
  | { readonly kind: 'encoded'; readonly coded: CodedFrame }
  /** Errors lose their class on the way through `postMessage`. */
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };
