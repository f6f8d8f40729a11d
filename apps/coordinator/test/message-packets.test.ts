/** Packets are read back as socket.io's clients read them; that they are understood is what every test of the door shows. */
import { type CoordinatorMessage, coordinatorMessageSchema } from '@tributary/fl-core';
import { expect, test } from 'vitest';
import { packetOf } from '../src/door/message-packets.ts';
import { smallTask } from './small-task.ts';

const manifest = smallTask();
const admitted = (digit: string, of = manifest): CoordinatorMessage => ({
  type: 'admitted',
  runId: 'run-one' as never,
  clientId: digit.repeat(32) as never,
  manifest: of,
});
const messageIn = (packet: string): unknown => {
  expect(packet.slice(0, 1)).toBe('2');
  const [event, message, ...rest] = JSON.parse(packet.slice(1)) as unknown[];
  expect([event, rest]).toEqual(['message', []]);
  return message;
};

test('every message arrives as it was sent, an admission also when its manifest was written before', () => {
  const messages: CoordinatorMessage[] = [
    admitted('a'),
    admitted('b'),
    admitted('a', { ...manifest, name: 'another "name"' }),
    { type: 'challenge', nonce: '00'.repeat(32) },
    { type: 'refused', code: 'internal', message: 'quotes " and \u2028 and \\', fatal: false },
  ];
  for (const message of messages) {
    expect(messageIn(packetOf(message))).toEqual(message);
    expect(coordinatorMessageSchema.safeParse(messageIn(packetOf(message))).success).toBe(true);
  }
});
