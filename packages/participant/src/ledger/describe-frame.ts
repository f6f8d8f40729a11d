/** What goes over the control channel, as the ledger names it. */
import type { ClientMessage } from '@tributary/fl-core';
import type { WrittenFrame } from '../transport/control-channel.ts';
import type { Departure } from './ledger.ts';
import type { LedgerSubject } from './ledger-entry.ts';

const SUBJECTS = {
  checkIn: 'check-in',
  progress: 'progress',
  ready: 'announcement',
  evaluated: 'held-out-accuracy',
  keysOffered: 'keys-offer',
  sharesSealed: 'sealed-shares',
  masked: 'masked-announcement',
  survivorsConfirmed: 'survivors-signature',
  sharesRevealed: 'revealed-shares',
  withdraw: 'withdrawal',
  leave: 'goodbye',
} as const satisfies Record<ClientMessage['type'], LedgerSubject>;

/** An engine.io pong, `3`. */
const PONG = 0x33;

export function describeFrame({ payload, message }: WrittenFrame): Departure {
  if (!message) {
    const subject = payload[0] === PONG ? 'keep-alive' : 'connection';
    return { kind: 'protocol', subject, payload, roundNumber: null };
  }
  const { type, roundNumber } = message;
  return { kind: 'message', subject: SUBJECTS[type], payload, roundNumber };
}
