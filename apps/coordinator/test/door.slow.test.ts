/** Whatever comes from outside is answered with a code and changes nothing. */
import { membersOf } from '@tributary/fl-core';
import { describe, expect, test } from 'vitest';
import { closed, closedCohort, door, join, MANIFEST, type Member } from './door-scene.ts';
import { handMadeIdentity } from './hand-made-identity.ts';
import { type Participant, putUpdate, updateOf } from './participant-driver.ts';

describe('control messages', () => {
  const junk: readonly [string, unknown[]][] = [
    ['a text', ['message', 'hello']],
    ['nothing', ['message']],
    ['null', ['message', null]],
    ['two objects', ['message', { type: 'leave', reason: 'stopped-by-person' }, {}]],
    ['bytes', ['message', Buffer.from([1, 2, 3])]],
    ['an array', ['message', [1]]],
    ['an unknown type', ['message', { type: 'constructor' }]],
    ['a prototype key', ['message', { type: '__proto__' }]],
    ['a missing field', ['message', { type: 'ready', roundNumber: 1 }]],
    ['a field too many', ['message', { type: 'leave', reason: 'stopped-by-person', extra: 1 }]],
    ['round "abc"', ['message', { type: 'progress', roundNumber: 'abc', fraction: 0, examplesPerSecond: 1 }]],
    [
      'NaN where a number belongs',
      ['message', { type: 'progress', roundNumber: 1, fraction: null, examplesPerSecond: 1 }],
    ],
    ['an event named error', ['error', new Error('boo')]],
    ['an unknown event', ['shutdown', {}]],
    ['a wish for an answer', ['message', { type: 'leave', reason: 'stopped-by-person' }, () => {}]],
  ];
  test.each(junk)('[W-3] %s is refused as malformed', async (_, packet) => {
    const participant = join();
    participant.checkIn();
    await participant.next('admitted');
    const before = structuredClone(door.run.state);
    participant.socket.emit(...(packet as [string, ...unknown[]]));
    expect(await participant.next('refused')).toMatchObject({ code: 'message-malformed', fatal: false });
    expect(door.run.state).toEqual(before);
  });

  test('[D-1] nothing counts before the check-in', async () => {
    const participant = join();
    participant.send({ type: 'leave', reason: 'stopped-by-person' });
    expect(await participant.next('refused')).toMatchObject({ code: 'not-checked-in' });
  });

  test.each([
    ['another protocol', { protocol: 2 }, 'protocol-unsupported'],
    ['a forged ticket', { ticket: 'e30.e30.AAAA' }, 'ticket-invalid'],
    ['too few examples', { exampleCount: 1 }, 'not-eligible'],
  ])('%s is refused for good and the connection closed', async (_, overrides, code) => {
    const participant = join();
    participant.checkIn(overrides);
    const refused = participant.next('refused');
    await closed(participant);
    expect(await refused).toMatchObject({ code, fatal: true });
    expect(door.run.state.present).toEqual([]);
  });

  test('[D-2] a ticket that ran out says so', async () => {
    door.ticket = await door.coordinator.admissionTicket(door.run, -1);
    const participant = join();
    participant.checkIn();
    expect(await participant.next('refused')).toMatchObject({ code: 'ticket-expired', fatal: true });
  });

  test('[D-2] an upload ticket does not admit', async () => {
    const [member] = await closedCohort();
    door.ticket = member!.uploadTicket;
    const participant = join();
    participant.checkIn();
    expect(await participant.next('refused')).toMatchObject({ code: 'ticket-invalid' });
  });

  test('[D-1] a second identity on one connection is refused', async () => {
    const participant = join();
    participant.checkIn();
    await participant.next('admitted');
    const other = handMadeIdentity();
    const { nonce } = await participant.next('challenge');
    participant.checkIn(other.answer(nonce, door.ticket));
    expect(await participant.next('refused')).toMatchObject({ code: 'identity-in-use', fatal: true });
    expect(door.run.state.present).not.toContain(other.clientId);
  });

  describe('[D-7] an identity', () => {
    const challengeOf = async (participant: Participant) => (await participant.next('challenge')).nonce;

    test('is challenged on every connection, with another nonce each time', async () => {
      const [first, second] = [await challengeOf(join()), await challengeOf(join())];
      expect(first).toMatch(/^[0-9a-f]{64}$/);
      expect(second).not.toBe(first);
    });

    test('shown on another connection is refused there', async () => {
      const victim = join();
      const relay = join();
      const stolen = victim.identity.answer(await challengeOf(victim), door.ticket);
      relay.checkIn(stolen);
      expect(await relay.next('refused')).toMatchObject({ code: 'identity-invalid', fatal: true });
      expect(door.run.state.present).toEqual([]);
    });

    test.each([
      ['another ticket', async () => ({ ticket: await door.coordinator.admissionTicket(door.run, 2) })],
      ['another key', async () => ({ publicKey: handMadeIdentity().publicKey })],
      ['no signature at all', async () => ({ signature: '0'.repeat(128) })],
      ['a key that is no key', async () => ({ publicKey: 'ff'.repeat(32) })],
      [
        'the key of nobody (small order)',
        async () => ({ publicKey: `01${'0'.repeat(62)}`, signature: `01${'0'.repeat(126)}` }),
      ],
    ])('with %s is refused', async (_, change) => {
      const participant = join();
      participant.checkIn(await change());
      expect(await participant.next('refused')).toMatchObject({ code: 'identity-invalid', fatal: true });
      expect(door.run.state.present).toEqual([]);
    });

    test('is named by a hash of its key', async () => {
      const participant = join();
      participant.checkIn();
      expect((await participant.next('admitted')).clientId).toBe(participant.identity.clientId);
    });

    test('that is known on a connection need not be proved again there', async () => {
      const participant = join();
      participant.checkIn();
      await participant.next('admitted');
      participant.checkIn({ signature: '0'.repeat(128) });
      await participant.next('admitted');
      expect(door.run.state.present).toEqual([participant.identity.clientId]);
    });
  });

  test('a frame over the limit closes the connection, not the coordinator', async () => {
    const participant = join();
    participant.send({ type: 'leave', reason: 'x'.repeat(300_000) });
    await closed(participant);
    expect((await fetch(`${door.coordinator.url}/healthz`)).status).toBe(200);
  });

  test('ready for another round, or without an invitation, is refused', async () => {
    const participant = join();
    participant.checkIn();
    await participant.next('admitted');
    const { announcement } = updateOf(MANIFEST, 0.5);
    participant.send({ type: 'ready', roundNumber: 9999, ...announcement });
    expect(await participant.next('refused')).toMatchObject({ code: 'round-mismatch' });
    participant.send({ type: 'ready', roundNumber: 1, ...announcement });
    expect(await participant.next('refused')).toMatchObject({
      code: expect.stringMatching(/not-a-member|phase-mismatch/),
    });
  });
});

test('[R-16] the round does not wait for a member that withdraws, and the others make the model', async () => {
  const [first, ...others] = (await closedCohort()) as [Member, ...Member[]];
  first.participant.send({ type: 'withdraw', roundNumber: 1, reason: 'update-lost' });
  for (const other of others) await putUpdate(door.coordinator.url, other.uploadTicket, other.update.frame);
  expect(await others[0]!.participant.next('roundCommitted')).toMatchObject({ survivors: 2, accepted: true });
  expect(door.run.state.present).toContain(first.participant.identity.clientId);
  first.participant.send({ type: 'withdraw', roundNumber: 1, reason: 'update-lost' });
  expect(await first.participant.next('refused')).toMatchObject({ code: 'round-mismatch', fatal: false });
});

test('[D-3] an announcement of more bytes than the model has is refused before anything is spent on it', async () => {
  const members = [join(), join(), join()];
  for (const member of members) member.checkIn();
  const [member] = members as [Participant];
  const { roundNumber } = await member.next('invited');
  const { announcement } = updateOf(MANIFEST, 0.5);
  member.send({ type: 'ready', roundNumber, ...announcement, updateBytes: announcement.updateBytes + 1 });
  expect(await member.next('refused')).toMatchObject({ code: 'frame-too-large', fatal: false });
  expect(membersOf(door.run.state.round!).map(({ stage }) => stage)).toEqual([
    'training',
    'training',
    'training',
  ]);
});
