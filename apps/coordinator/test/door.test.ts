/** Whatever comes from outside is answered with a code and changes nothing. */
import { request } from 'node:http';
import { encodeFrame, membersOf, parseManifest, type TaskManifest, UPDATES_PATH } from '@tributary/fl-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { nativeSha256 } from '../src/native-sha256.ts';
import type { RunSupervisor } from '../src/run/run-supervisor.ts';
import { type HandMadeIdentity, handMadeIdentity } from './hand-made-identity.ts';
import {
  announce,
  connect,
  type HandMadeUpdate,
  type Participant,
  putUpdate,
  takePart,
  updateOf,
} from './participant-driver.ts';
import { smallTask } from './small-task.ts';

const MANIFEST: TaskManifest = smallTask();
let coordinator: Coordinator;
let run: RunSupervisor;
let ticket: string;
const participants: Participant[] = [];

beforeEach(async () => {
  coordinator = await startCoordinator({
    dataFolder: null,
    logLevel: 'silent',
    checkInTimeoutMs: 3000,
    socketsPerAddress: 8,
  });
  run = await coordinator.createRun(MANIFEST);
  await coordinator.steer(run, 'launch');
  ticket = await coordinator.admissionTicket(run, 1);
});
afterEach(async () => {
  for (const participant of participants.splice(0)) participant.close();
  await coordinator.close();
});

function join(identity?: HandMadeIdentity): Participant {
  const participant = connect(coordinator.url, ticket, identity);
  participants.push(participant);
  return participant;
}
const closed = (participant: Participant): Promise<void> =>
  new Promise((resolve) => participant.socket.once('disconnect', () => resolve()));

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
    const before = structuredClone(run.state);
    participant.socket.emit(...(packet as [string, ...unknown[]]));
    expect(await participant.next('refused')).toMatchObject({ code: 'message-malformed', fatal: false });
    expect(run.state).toEqual(before);
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
    expect(run.state.present).toEqual([]);
  });

  test('[D-2] a ticket that ran out says so', async () => {
    ticket = await coordinator.admissionTicket(run, -1);
    const participant = join();
    participant.checkIn();
    expect(await participant.next('refused')).toMatchObject({ code: 'ticket-expired', fatal: true });
  });

  test('[D-2] an upload ticket does not admit', async () => {
    const [member] = await closedCohort();
    ticket = member!.uploadTicket;
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
    participant.checkIn(other.answer(nonce, ticket));
    expect(await participant.next('refused')).toMatchObject({ code: 'identity-in-use', fatal: true });
    expect(run.state.present).not.toContain(other.clientId);
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
      const stolen = victim.identity.answer(await challengeOf(victim), ticket);
      relay.checkIn(stolen);
      expect(await relay.next('refused')).toMatchObject({ code: 'identity-invalid', fatal: true });
      expect(run.state.present).toEqual([]);
    });

    test.each([
      ['another ticket', async () => ({ ticket: await coordinator.admissionTicket(run, 2) })],
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
      expect(run.state.present).toEqual([]);
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
      expect(run.state.present).toEqual([participant.identity.clientId]);
    });
  });

  test('a frame over the limit closes the connection, not the coordinator', async () => {
    const participant = join();
    participant.send({ type: 'leave', reason: 'x'.repeat(300_000) });
    await closed(participant);
    expect((await fetch(`${coordinator.url}/healthz`)).status).toBe(200);
  });

  test('[D-5] a flood of messages ends in a closed connection', async () => {
    const participant = join();
    participant.socket.on('connect', () => {
      for (let i = 0; i < 500; i += 1) participant.send({ type: 'nonsense' });
    });
    await closed(participant);
    expect(participant.messages.some((message) => message.type === 'refused')).toBe(true);
  });

  test('[D-5] a loop of check-ins and goodbyes ends in a closed connection, and costs the others no round', async () => {
    const roomy = await coordinator.createRun(smallTask({ overSelection: 2 }));
    await coordinator.steer(roomy, 'launch');
    ticket = await coordinator.admissionTicket(roomy, 1);
    const looper = join();
    looper.checkIn();
    await looper.next('admitted');
    const loops = (async () => {
      for (let time = 0; looper.socket.connected && time < 2000; time += 1) {
        looper.send({ type: 'leave', reason: 'stopped-by-person' });
        looper.checkIn();
        // As fast as the answers come: it is no flood.
        if (time % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    const members = [join(), join(), join()];
    for (const member of members) member.checkIn();
    const updates = [0.5, 0.25, 0.125].map((value) => updateOf(MANIFEST, value));
    await Promise.all(members.map((member, i) => takePart(member, coordinator.url, updates[i]!)));
    expect(await members[0]!.next('roundCommitted')).toMatchObject({ roundNumber: 1, accepted: true });
    await loops;
    if (looper.socket.connected) await closed(looper);
    expect(looper.messages.at(-1)).toMatchObject({ type: 'refused', code: 'rate-limited', fatal: true });
  });

  test('[D-5] whoever asks without reading the answers is cut off, not buffered', async () => {
    const talkative = await coordinator.createRun(
      parseManifest({
        ...MANIFEST,
        model: { kind: 'softmax-regression', inputSize: 4, classes: 10_000 },
        // The answer to a check-in holds the manifest: with these labels more than 600 kB.
        data: {
          ...MANIFEST.data,
          labels: Array.from({ length: 10_000 }, (_, i) => `${i}`.padStart(60, '-')),
        },
      }),
    );
    ticket = await coordinator.admissionTicket(talkative, 1);
    const participant = join();
    participant.checkIn();
    await participant.next('admitted');
    expect(talkative.state.present).toHaveLength(1);
    const { ws } = participant.socket.io.engine.transport as unknown as { ws: { pause(): void } };
    ws.pause();
    // How much the system's own buffers take first is its affair; a few at a time, so that it is no flood.
    const askOn = () => {
      for (let i = 0; i < 10; i += 1) participant.checkIn();
      return talkative.state.present;
    };
    await expect.poll(askOn, { timeout: 20_000 }).toEqual([]);
  });

  test('[D-5] a socket that never checks in is closed', async () => {
    await closed(join());
  });

  test('[D-5] one address gets so many connections and no more', async () => {
    for (let i = 0; i < 8; i += 1) {
      const participant = join();
      participant.checkIn();
      await participant.next('admitted');
    }
    const refused = new Promise((resolve) => join().socket.once('connect_error', resolve));
    await refused;
    expect(run.state.present).toHaveLength(8);
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
  for (const other of others) await putUpdate(coordinator.url, other.uploadTicket, other.update.frame);
  expect(await others[0]!.participant.next('roundCommitted')).toMatchObject({ survivors: 2, accepted: true });
  expect(run.state.present).toContain(first.participant.identity.clientId);
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
  expect(membersOf(run.state.round!).map(({ stage }) => stage)).toEqual(['training', 'training', 'training']);
});

interface Member {
  readonly participant: Participant;
  readonly update: HandMadeUpdate;
  readonly uploadTicket: string;
}

/** Three members that may upload; the first one's update can be chosen. */
async function closedCohort(first: HandMadeUpdate = updateOf(MANIFEST, 0.5)): Promise<Member[]> {
  const members = [first, updateOf(MANIFEST, 0.25), updateOf(MANIFEST, 0.125)].map((update) => ({
    participant: join(),
    update,
  }));
  for (const { participant } of members) participant.checkIn();
  return Promise.all(
    members.map(async ({ participant, update }) => {
      const { roundNumber } = await participant.next('invited');
      participant.send({ type: 'ready', roundNumber, ...update.announcement });
      const { uploadTicket } = await participant.next('uploadGranted');
      return { participant, update, uploadTicket };
    }),
  );
}

const answer = async (response: Response): Promise<{ status: number; code: string }> => ({
  status: response.status,
  code: ((await response.json()) as { code: string }).code,
});

describe('uploads', () => {
  test('[D-4] an update is acknowledged, also when it comes again, also after the round', async () => {
    const members = await closedCohort();
    const [{ uploadTicket, update }] = members as [Member];
    for (let time = 0; time < 2; time += 1) {
      const response = await putUpdate(coordinator.url, uploadTicket, update.frame);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        accepted: true,
        roundNumber: 1,
        updateHash: update.announcement.updateHash,
        bytes: update.frame.length,
      });
    }
    for (const member of members.slice(1))
      await putUpdate(coordinator.url, member.uploadTicket, member.update.frame);
    await members[0]!.participant.next('roundCommitted');
    expect((await putUpdate(coordinator.url, uploadTicket, update.frame)).status).toBe(200);
    expect((await coordinator.runs.get(run.runId)).state.committedRounds).toBe(1);
  });

  test.each([
    [
      'longer than announced',
      (frame: Uint8Array) => Buffer.concat([frame, Buffer.alloc(100_000)]),
      413,
      'frame-too-large',
    ],
    ['shorter than announced', (frame: Uint8Array) => frame.subarray(1), 422, 'frame-length'],
    ['empty', () => new Uint8Array(0), 422, 'frame-length'],
    ['of another hash', (frame: Uint8Array) => frame.slice().fill(1), 422, 'update-hash-mismatch'],
  ] as const)(
    '[D-3] a body that is %s changes nothing, and the right one still comes through',
    async (_, spoil, status, code) => {
      const [{ uploadTicket, update }] = (await closedCohort()) as [Member];
      const before = structuredClone(run.state);
      expect(await answer(await putUpdate(coordinator.url, uploadTicket, spoil(update.frame)))).toEqual({
        status,
        code,
      });
      expect(run.state).toEqual(before);
      expect(await run.updates.list()).toEqual([]);
      expect((await putUpdate(coordinator.url, uploadTicket, update.frame)).status).toBe(200);
    },
  );

  const shapes = [[4, 2], [2]];
  const frameOf = (values: number[], frameShapes: number[][] = shapes) =>
    announce(encodeFrame({ shapes: frameShapes, values: Float32Array.from(values) }, nativeSha256));
  const broken = (): HandMadeUpdate => {
    const frame = updateOf(MANIFEST, 0.5).frame.slice();
    frame[frame.length - 1]! ^= 1;
    return announce(frame);
  };
  test.each([
    ['NaN', frameOf([NaN, ...Array(9).fill(0)]), 'update-not-finite'],
    ['infinite', frameOf([Infinity, ...Array(9).fill(0)]), 'update-not-finite'],
    ['1e38', frameOf([1e38, ...Array(9).fill(0)]), 'update-out-of-range'],
    ['of a shape that would broadcast', frameOf([1], [[1]]), 'frame-shape'],
    ['fewer tensors', frameOf(Array(8).fill(0), [[4, 2]]), 'frame-shape'],
    ['broken inside', broken(), 'frame-checksum'],
    [
      'no frame at all',
      announce(Buffer.from('hello, this is not a tensor frame, but it is long enough')),
      'frame-magic',
    ],
  ] as const)(
    '[D-3] an announced update that is %s is refused for good; the others make the model',
    async (_, update, code) => {
      const [bad, ...others] = (await closedCohort(update)) as [Member, ...Member[]];
      expect(await answer(await putUpdate(coordinator.url, bad.uploadTicket, update.frame))).toEqual({
        status: 422,
        code,
      });
      expect(await bad.participant.next('released')).toMatchObject({ reason: 'update-refused' });
      for (const other of others) await putUpdate(coordinator.url, other.uploadTicket, other.update.frame);
      expect(await others[0]!.participant.next('roundCommitted')).toMatchObject({
        survivors: 2,
        accepted: true,
      });
    },
  );

  test('[D-2] a missing, forged or admission ticket uploads nothing', async () => {
    const { frame } = updateOf(MANIFEST, 0.5);
    const bare = await fetch(coordinator.url + UPDATES_PATH, {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream' },
      body: frame as BodyInit,
    });
    expect(await answer(bare)).toEqual({ status: 401, code: 'ticket-invalid' });
    for (const forged of ['e30.e30.AAAA', ticket]) {
      expect(await answer(await putUpdate(coordinator.url, forged, frame))).toEqual({
        status: 401,
        code: 'ticket-invalid',
      });
    }
  });

  test('[D-3] a ticket of a round that is over is refused', async () => {
    const members = await closedCohort();
    members[0]!.participant.send({ type: 'leave', reason: 'stopped-by-person' });
    for (const member of members.slice(1))
      await putUpdate(coordinator.url, member.uploadTicket, member.update.frame);
    await members[1]!.participant.next('roundCommitted');
    const late = await putUpdate(coordinator.url, members[0]!.uploadTicket, members[0]!.update.frame);
    expect(await answer(late)).toEqual({ status: 409, code: 'round-mismatch' });
  });

  test('[D-4] an upload that breaks off can be sent again', async () => {
    const [{ uploadTicket, update }] = (await closedCohort()) as [Member];
    await new Promise<void>((resolve) => {
      const headers = {
        authorization: `Bearer ${uploadTicket}`,
        'content-type': 'application/octet-stream',
        'content-length': update.frame.length,
      };
      const half = request(coordinator.url + UPDATES_PATH, { method: 'PUT', headers });
      half.on('error', () => {});
      half.on('close', () => resolve());
      half.write(update.frame.subarray(0, 50), () => setTimeout(() => half.destroy(), 50));
    });
    expect((await putUpdate(coordinator.url, uploadTicket, update.frame)).status).toBe(200);
  });

  test('[D-3] an upload whose round ends while it streams in is refused, and nothing of it stays', async () => {
    const [slow, ...others] = (await closedCohort()) as [Member, ...Member[]];
    const headers = {
      authorization: `Bearer ${slow.uploadTicket}`,
      'content-type': 'application/octet-stream',
      'content-length': slow.update.frame.length,
    };
    const upload = request(coordinator.url + UPDATES_PATH, { method: 'PUT', headers });
    const status = new Promise((resolve) => upload.once('response', (answer) => resolve(answer.statusCode)));
    await new Promise((resolve) => upload.write(slow.update.frame.subarray(0, 50), resolve));
    // Long enough to be past the check of its membership.
    await new Promise((resolve) => setTimeout(resolve, 200));

    slow.participant.send({ type: 'leave', reason: 'stopped-by-person' });
    for (const other of others) await putUpdate(coordinator.url, other.uploadTicket, other.update.frame);
    await others[0]!.participant.next('roundCommitted');
    upload.end(slow.update.frame.subarray(50));
    expect(await status).toBe(409);
    expect(await run.updates.list()).toEqual([]);
  });

  test.each(['application/json', 'text/plain', 'image/png'])(
    '[D-3] a body of type %s is malformed, not a fault of the coordinator',
    async (type) => {
      const [{ uploadTicket }] = (await closedCohort()) as [Member];
      for (const authorization of [`Bearer ${uploadTicket}`, 'Bearer nothing']) {
        const headers = { authorization, 'content-type': type };
        const response = await fetch(coordinator.url + UPDATES_PATH, { method: 'PUT', headers, body: '[1]' });
        expect(await answer(response)).toEqual({ status: 400, code: 'message-malformed' });
      }
    },
  );
});
