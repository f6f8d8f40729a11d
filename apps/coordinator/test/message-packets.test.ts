/** Packets are read back as socket.io's clients read them; that they are understood is what every test of the door shows. */
import { type CoordinatorMessage, coordinatorMessageSchema } from '@tributary/fl-core';
import { Decoder, type Packet } from 'socket.io-parser';
import { expect, test } from 'vitest';
import { packetsOf } from '../src/door/message-packets.ts';
import { smallTask } from './small-task.ts';

const manifest = smallTask();
const admitted = (digit: string, of = manifest): CoordinatorMessage => ({
  type: 'admitted',
  runId: 'run-one' as never,
  clientId: digit.repeat(32) as never,
  manifest: of,
});
function messageIn(frames: readonly (string | Uint8Array)[]): unknown {
  const decoder = new Decoder();
  const packets: Packet[] = [];
  decoder.on('decoded', (packet) => void packets.push(packet));
  for (const frame of frames) decoder.add(frame);
  const [packet, ...morePackets] = packets as [Packet];
  const [event, message, ...rest] = packet.data as unknown[];
  expect([event, rest, morePackets]).toEqual(['message', [], []]);
  return message;
}

test('every message arrives as it was sent, an admission also when its manifest was written before', () => {
  const messages: CoordinatorMessage[] = [
    admitted('a'),
    admitted('b'),
    admitted('a', { ...manifest, name: 'another "name"' }),
    { type: 'challenge', nonce: '00'.repeat(32) },
    { type: 'refused', code: 'internal', message: 'quotes " and \u2028 and \\', fatal: false },
  ];
  for (const message of messages) {
    expect(messageIn(packetsOf(message))).toEqual(message);
    expect(coordinatorMessageSchema.safeParse(messageIn(packetsOf(message))).success).toBe(true);
  }
});

test('bytes follow the words in frames of their own, and are not copied', () => {
  const roster = Uint8Array.from({ length: 384 }, (_, i) => i);
  const beacon = Buffer.alloc(32, 7);
  const message = { type: 'rosterClosed', roundNumber: 3, beacon, bytes: roster };
  const packets = packetsOf(message as never);
  expect(packets.slice(1)).toEqual([beacon, roster]);
  expect(packets[2]).toBe(roster);
  expect(messageIn(packets)).toEqual(message);
});
