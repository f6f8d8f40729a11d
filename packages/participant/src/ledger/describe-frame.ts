/** Plain words for what goes over the control channel. */
import type { ClientMessage } from '@tributary/fl-core';
import type { WrittenFrame } from '../transport/control-channel.ts';
import type { Departure } from './ledger.ts';

const text = new TextEncoder();

export function describeFrame(frame: WrittenFrame): Departure {
  const { message } = frame;
  const payload = text.encode(frame.text);
  if (!message) return { kind: 'protocol', label: describeProtocol(frame.text), payload, roundNumber: null };
  const roundNumber = 'roundNumber' in message ? message.roundNumber : null;
  return { kind: 'message', label: describeMessage(message), payload, roundNumber };
}

function describeMessage(message: ClientMessage): string {
  switch (message.type) {
    case 'checkIn':
      return 'check-in: ticket, public key and signature of this device, number of examples, backend';
    case 'progress':
      return `progress of training in round ${message.roundNumber}`;
    case 'ready':
      return `announcement of the update of round ${message.roundNumber}: hash, length, number of examples`;
    case 'evaluated':
      return `accuracy of the shared model on held-out examples in round ${message.roundNumber}`;
    case 'leave':
      return 'goodbye';
  }
}

function describeProtocol(frame: string): string {
  if (frame.startsWith('3')) return 'keep-alive';
  if (frame.startsWith('40')) return 'opening of the connection';
  return 'connection protocol';
}
