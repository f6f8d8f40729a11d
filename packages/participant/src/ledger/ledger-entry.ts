/**
 * One thing that left the device, written down before it goes. `bytes` counts application payload, so that the
 * sum over a ledger is what a counting proxy sees leaving:
 *
 * - a control message or protocol frame: the payload of its WebSocket frame from client to server, which is the
 *   UTF-8 text of the encoded packet (`42["message",{...}]`, `40`, `3`), without the WebSocket frame header;
 * - an HTTP request: its body. A GET has none and counts 0; so do headers and the WebSocket handshake.
 *
 * An entry holds hash and length, never content: tickets and signatures are in no entry.
 */
import type { RunId } from '@tributary/fl-core';

/** `protocol` is what socket.io itself sends: its handshake (`40`) and pongs (`3`). */
export type LedgerKind = 'message' | 'protocol' | 'request' | 'upload';

export interface LedgerEntry {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Null for what was asked before the run was known (the join request). */
  readonly runId: RunId | null;
  readonly kind: LedgerKind;
  /** Plain words for a person, e.g. `update of round 3`. */
  readonly label: string;
  readonly bytes: number;
  /** SHA-256 of the counted bytes, 64 lower-case hex digits. */
  readonly sha256: string;
  /** Null when it belongs to no round. */
  readonly roundNumber: number | null;
}
