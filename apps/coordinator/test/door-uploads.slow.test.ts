/** Uploads at the door: what is checked, in which order, and what a refused one leaves behind. */
import { request } from 'node:http';
import { encodeFrame, UPDATES_PATH } from '@tributary/fl-core';
import { describe, expect, test } from 'vitest';
import { nativeSha256 } from '../src/native-sha256.ts';
import { answer, closedCohort, door, MANIFEST, type Member } from './door-scene.ts';
import { announce, type HandMadeUpdate, putUpdate, updateOf } from './participant-driver.ts';

describe('uploads', () => {
  test('[D-4] an update is acknowledged, also when it comes again, also after the round', async () => {
    const members = await closedCohort();
    const [{ uploadTicket, update }] = members as [Member];
    for (let time = 0; time < 2; time += 1) {
      const response = await putUpdate(door.coordinator.url, uploadTicket, update.frame);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        accepted: true,
        roundNumber: 1,
        updateHash: update.announcement.updateHash,
        bytes: update.frame.length,
      });
    }
    for (const member of members.slice(1))
      await putUpdate(door.coordinator.url, member.uploadTicket, member.update.frame);
    await members[0]!.participant.next('roundCommitted');
    expect((await putUpdate(door.coordinator.url, uploadTicket, update.frame)).status).toBe(200);
    expect((await door.coordinator.runs.get(door.run.runId)).state.committedRounds).toBe(1);
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
      const before = structuredClone(door.run.state);
      expect(await answer(await putUpdate(door.coordinator.url, uploadTicket, spoil(update.frame)))).toEqual({
        status,
        code,
      });
      expect(door.run.state).toEqual(before);
      expect(await door.run.updates.list()).toEqual([]);
      expect((await putUpdate(door.coordinator.url, uploadTicket, update.frame)).status).toBe(200);
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
      expect(await answer(await putUpdate(door.coordinator.url, bad.uploadTicket, update.frame))).toEqual({
        status: 422,
        code,
      });
      expect(await bad.participant.next('released')).toMatchObject({ reason: 'update-refused' });
      for (const other of others)
        await putUpdate(door.coordinator.url, other.uploadTicket, other.update.frame);
      expect(await others[0]!.participant.next('roundCommitted')).toMatchObject({
        survivors: 2,
        accepted: true,
      });
    },
  );

  test('[D-2] a missing, forged or admission ticket uploads nothing', async () => {
    const { frame } = updateOf(MANIFEST, 0.5);
    const bare = await fetch(door.coordinator.url + UPDATES_PATH, {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream' },
      body: frame as BodyInit,
    });
    expect(await answer(bare)).toEqual({ status: 401, code: 'ticket-invalid' });
    for (const forged of ['e30.e30.AAAA', door.ticket]) {
      expect(await answer(await putUpdate(door.coordinator.url, forged, frame))).toEqual({
        status: 401,
        code: 'ticket-invalid',
      });
    }
  });

  test('[D-3] a ticket of a round that is over is refused', async () => {
    const members = await closedCohort();
    members[0]!.participant.send({ type: 'leave', reason: 'stopped-by-person' });
    for (const member of members.slice(1))
      await putUpdate(door.coordinator.url, member.uploadTicket, member.update.frame);
    await members[1]!.participant.next('roundCommitted');
    const late = await putUpdate(door.coordinator.url, members[0]!.uploadTicket, members[0]!.update.frame);
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
      const half = request(door.coordinator.url + UPDATES_PATH, { method: 'PUT', headers });
      half.on('error', () => {});
      half.on('close', () => resolve());
      half.write(update.frame.subarray(0, 50), () => setTimeout(() => half.destroy(), 50));
    });
    expect((await putUpdate(door.coordinator.url, uploadTicket, update.frame)).status).toBe(200);
  });

  test('[D-3] an upload whose round ends while it streams in is refused, and nothing of it stays', async () => {
    const [slow, ...others] = (await closedCohort()) as [Member, ...Member[]];
    const headers = {
      authorization: `Bearer ${slow.uploadTicket}`,
      'content-type': 'application/octet-stream',
      'content-length': slow.update.frame.length,
    };
    const upload = request(door.coordinator.url + UPDATES_PATH, { method: 'PUT', headers });
    const status = new Promise((resolve) => upload.once('response', (answer) => resolve(answer.statusCode)));
    await new Promise((resolve) => upload.write(slow.update.frame.subarray(0, 50), resolve));
    // Long enough to be past the check of its membership.
    await new Promise((resolve) => setTimeout(resolve, 200));

    slow.participant.send({ type: 'leave', reason: 'stopped-by-person' });
    for (const other of others) await putUpdate(door.coordinator.url, other.uploadTicket, other.update.frame);
    await others[0]!.participant.next('roundCommitted');
    upload.end(slow.update.frame.subarray(50));
    expect(await status).toBe(409);
    expect(await door.run.updates.list()).toEqual([]);
  });

  test.each(['application/json', 'text/plain', 'image/png'])(
    '[D-3] a body of type %s is malformed, not a fault of the coordinator',
    async (type) => {
      const [{ uploadTicket }] = (await closedCohort()) as [Member];
      for (const authorization of [`Bearer ${uploadTicket}`, 'Bearer nothing']) {
        const headers = { authorization, 'content-type': type };
        const response = await fetch(door.coordinator.url + UPDATES_PATH, {
          method: 'PUT',
          headers,
          body: '[1]',
        });
        expect(await answer(response)).toEqual({ status: 400, code: 'message-malformed' });
      }
    },
  );
});
