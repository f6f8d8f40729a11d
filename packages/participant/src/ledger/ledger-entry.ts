/**
 * What left the device, written down before it goes. `bytes` counts application payload, so that the sum over a
 * ledger is what a counting proxy sees leaving:
 *
 * - a control message or protocol frame: the payload of its WebSocket frame from client to server, which is the
 *   UTF-8 text of the encoded packet (`42["message",{...}]`, `40`, `3`), without the WebSocket frame header; the bytes of
 *   a message are a frame of their own, and an entry of their own under the same subject;
 * - an HTTP request: its body. A GET has none and counts 0; so do headers and the WebSocket handshake.
 *
 * An entry holds hash and length, never content: tickets and signatures are in no entry. The newest payloads
 * themselves are kept beside the ledger, so that a person can look at exactly what was sent.
 */
import type { RunId } from '@tributary/fl-core';

/** `protocol` is what socket.io itself sends: its handshake (`40`) and pongs (`3`). */
export type LedgerKind = 'message' | 'protocol' | 'request' | 'upload';

/** What it was. Pages have words for these, in the language of the person. */
export type LedgerSubject =
  | 'run-question'
  | 'connection'
  | 'keep-alive'
  | 'check-in'
  | 'progress'
  | 'announcement'
  | 'held-out-accuracy'
  | 'keys-offer'
  | 'sealed-shares'
  | 'masked-announcement'
  | 'survivors-signature'
  | 'revealed-shares'
  | 'withdrawal'
  | 'goodbye'
  | 'model-request'
  | 'coded-model-request'
  | 'model-changes-request'
  | 'upload-question'
  | 'update'
  | 'rest-of-update'
  | 'masked-update'
  | 'rest-of-masked-update';

export interface LedgerEntry {
  /** Rises from entry to entry on one device. */
  readonly number: number;
  /** Milliseconds since the Unix epoch; of the first, when it stands for several. */
  readonly at: number;
  /** Null for what was asked before the run was known (the join request). */
  readonly runId: RunId | null;
  readonly kind: LedgerKind;
  readonly subject: LedgerSubject;
  /** How many payloads it stands for, all alike. More than 1 only for keep-alives, which would fill the list otherwise. */
  readonly times: number;
  /** Of all of them together. */
  readonly bytes: number;
  /** SHA-256 of the payload, 64 lower-case hex digits. */
  readonly sha256: string;
  /** Null when it belongs to no round. */
  readonly roundNumber: number | null;
  /** Of an update whose code can spend more or fewer of them: bits of one value. */
  readonly bits?: number;
}
