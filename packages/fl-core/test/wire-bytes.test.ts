/** Messages that carry bytes. */
import { clientMessageSchema, coordinatorMessageSchema } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i & 0xff);
const offered = (content: unknown) => ({ type: 'keysOffered', roundNumber: 1, bytes: content });

describe('[W-3] bytes in a message', () => {
  it('are the same however the platform hands them over', () => {
    for (const content of [bytes(160), bytes(160).buffer, Buffer.from(bytes(160))]) {
      const message = clientMessageSchema.parse(offered(content));
      expect(message.type === 'keysOffered' && Array.from(message.bytes)).toEqual([...bytes(160)]);
      expect(message.type === 'keysOffered' && message.bytes).toBeInstanceOf(Uint8Array);
    }
  });

  it.each([
    ['too few', bytes(159)],
    ['too many', bytes(161)],
    ['none', undefined],
    ['text', 'a'.repeat(160)],
    ['a list', [...bytes(160)]],
    ['wider elements', new Uint16Array(80)],
    ['an object that looks like them', { length: 160, byteLength: 160 }],
  ])('are refused when they are %s', (_, content) => {
    expect(clientMessageSchema.safeParse(offered(content)).success).toBe(false);
  });

  it('have the room of 1,000 members and 255 neighbours, and no more', () => {
    const common = { roundNumber: 1, deadlineSeconds: 1 };
    const roster = (length: number) => ({
      ...common,
      type: 'rosterClosed',
      beacon: bytes(32),
      bytes: bytes(length),
    });
    const delivered = (sharers: number, length: number) => ({
      ...common,
      type: 'sharesDelivered',
      sharers: bytes(sharers),
      bytes: bytes(length),
    });
    const isTaken = (message: unknown) => coordinatorMessageSchema.safeParse(message).success;
    expect([isTaken(roster(192_000)), isTaken(roster(192_001))]).toEqual([true, false]);
    expect([
      isTaken(delivered(125, 28_560)),
      isTaken(delivered(126, 0)),
      isTaken(delivered(1, 28_561)),
    ]).toEqual([true, false, false]);
  });
});
