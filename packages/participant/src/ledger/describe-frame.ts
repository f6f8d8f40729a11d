/** What goes over the control channel, as the ledger names it. */
import type { ClientMessage } from '@tributary/fl-core';
import type { WrittenFrame } from '../transport/control-channel.ts';
import type { Departure } from './ledger.ts';
import type { LedgerSubject } from './ledger-entry.ts';

const text = new TextEncoder();

const SUBJECTS = {
  checkIn: 'check-in',
  progress: 'progress',
  ready: 'announcement',
  evaluated: 'held-out-accuracy',
  withdraw: 'withdrawal',
  leave: 'goodbye',
} as const satisfies Record<ClientMessage['type'], LedgerSubject>;

/** An engine.io pong. */
const PONG = '3';

export function describeFrame(frame: WrittenFrame): Departure {
  const { message } = frame;
  const payload = text.encode(frame.text);
  if (!message) {
    const subject = frame.text.startsWith(PONG) ? 'keep-alive' : 'connection';
    return { kind: 'protocol', subject, payload, roundNumber: null };
  }
  const roundNumber = 'roundNumber' in message ? message.roundNumber : null;
  return { kind: 'message', subject: SUBJECTS[message.type], payload, roundNumber };
}
