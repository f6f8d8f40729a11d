/** Bytes behind messages: whoever sends them wrong loses its own connection, and nothing else happens. */
import { MAXIMUM_CONTROL_FRAME_BYTES } from '@tributary/fl-core';
import { describe, expect, test } from 'vitest';
import { door, join } from './door-scene.ts';
import { BINARY, disconnected, rawFrame, textFrame, wireOf } from './faults/raw-frames.ts';
import type { Participant } from './participant-driver.ts';

const words = (packet: string): Buffer => textFrame(`4${packet}`);
const attachment = (bytes: number): Buffer => rawFrame({ opcode: BINARY, payload: Buffer.alloc(bytes) });
const OFFER = '["message",{"type":"keysOffered","roundNumber":1,"bytes":{"_placeholder":true,"num":0}}]';

async function admitted(): Promise<Participant> {
  const participant = join();
  participant.checkIn();
  await participant.next('admitted');
  return participant;
}
/** Sends these bytes, then nothing that would not belong to them. */
async function afterFrames(frames: readonly Buffer[]): Promise<Participant> {
  const participant = await admitted();
  wireOf(participant).write(Buffer.concat(frames));
  return participant;
}
const expectUnharmed = async (): Promise<void> => {
  const another = await admitted();
  expect(door.run.isHealthy).toBe(true);
  expect(door.run.state.present).toContain(another.identity.clientId);
};

describe('[D-11] the connection is closed, and only that one, after', () => {
  test.each<[string, Buffer[]]>([
    ['bytes that no message announced', [attachment(10)]],
    ['words where the announced bytes belong', [words(`51-${OFFER}`), words(`51-${OFFER}`)]],
    ['more attachments than a message may have', [words(`52-${OFFER}`), attachment(160), attachment(160)]],
    ['no attachment announced at all', [words(`50-${OFFER}`)]],
    ['a huge number of attachments', [words(`5999999999999-${OFFER}`)]],
    ['a number of attachments that is none', [words(`51e1-${OFFER}`)]],
    [
      'a placeholder beyond the attachments',
      [words('51-["message",{"_placeholder":true,"num":4294967296}]'), attachment(1)],
    ],
    ['a placeholder below them', [words('51-["message",{"_placeholder":true,"num":-1}]'), attachment(1)]],
    [
      'a placeholder that is no number',
      [words('51-["message",{"_placeholder":true,"num":"constructor"}]'), attachment(1)],
    ],
    ['more words than a message with bytes needs', [words(`51-["message","${'x'.repeat(1100)}"]`)]],
    [
      'an attachment over the limit of a frame',
      [words(`51-${OFFER}`), attachment(MAXIMUM_CONTROL_FRAME_BYTES + 1)],
    ],
  ])('%s', async (_, frames) => {
    await disconnected(await afterFrames(frames));
    await expectUnharmed();
  });
});

describe('[W-3] the message is refused, and the connection goes on, after', () => {
  test.each<[string, Buffer[]]>([
    ['bytes where an object belongs', [words('51-["message",{"_placeholder":true,"num":0}]'), attachment(9)]],
    ['a second object', [words('51-["message",{},{"_placeholder":true,"num":0}]'), attachment(9)]],
    ['a wish for an answer', [words(`51-17${OFFER}`), attachment(160)]],
    ['bytes of another event', [words('51-["error",{"_placeholder":true,"num":0}]'), attachment(9)]],
    [
      'a placeholder between two attachments',
      [words('51-["message",{"_placeholder":true,"num":0.5}]'), attachment(9)],
    ],
    ['a placeholder in a message that has no bytes', [words('2["message",{"_placeholder":true,"num":0}]')]],
    [
      'the same bytes in two places',
      [
        words(`51-${OFFER.replace('"roundNumber":1', '"roundNumber":{"_placeholder":true,"num":0}')}`),
        attachment(160),
      ],
    ],
  ])('%s', async (_, frames) => {
    const participant = await afterFrames(frames);
    expect(await participant.next('refused')).toMatchObject({ code: 'message-malformed', fatal: false });
    expect(participant.socket.connected).toBe(true);
    await expectUnharmed();
  });
});

test('[D-11] whoever announces bytes and never sends them waits alone', async () => {
  const waiting = await Promise.all(Array.from({ length: 4 }, () => afterFrames([words(`51-${OFFER}`)])));
  await expectUnharmed();
  for (const participant of waiting) {
    const gone = disconnected(participant);
    wireOf(participant).destroy();
    await gone;
  }
  await expect.poll(() => door.run.state.present.length).toBe(1);
});

test('[W-3] the longest attachment that a frame takes is read, and refused for what it is', async () => {
  const participant = await afterFrames([
    words('51-["message",{"type":"keysOffered","roundNumber":"no","bytes":{"_placeholder":true,"num":0}}]'),
    attachment(MAXIMUM_CONTROL_FRAME_BYTES),
  ]);
  expect(await participant.next('refused')).toMatchObject({ code: 'message-malformed' });
});
