/** Uploads that break off, go on, come twice or hardly come at all, over real HTTP. */
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CohortMember,
  membersOf,
  type RoundMember,
  UPDATES_PATH,
  UPLOAD_OFFSET_HEADER,
} from '@tributary/fl-core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Coordinator, type CoordinatorOptions, startCoordinator } from '../src/app.ts';
import type { RunSupervisor } from '../src/run/run-supervisor.ts';
import { connect, type HandMadeUpdate, type Participant, putUpdate, updateOf } from './participant-driver.ts';
import { smallTask } from './small-task.ts';

const MANIFEST = smallTask({ trainingSeconds: 120, reportingSeconds: 120, rejoinSeconds: 60 });
const HALF = 40;

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function open(options: Partial<CoordinatorOptions> = {}): Promise<Coordinator> {
  const coordinator = await startCoordinator({ dataFolder: null, logLevel: 'silent', ...options });
  endings.push(() => coordinator.close());
  return coordinator;
}

interface Member {
  readonly participant: Participant;
  readonly update: HandMadeUpdate;
  readonly ticket: string;
}

/** Three members that may upload now. */
async function closedCohort(
  coordinator: Coordinator,
): Promise<{ run: RunSupervisor; members: [Member, Member, Member] }> {
  const run = await coordinator.createRun(MANIFEST);
  await coordinator.steer(run, 'launch');
  const admission = await coordinator.admissionTicket(run, 1);
  const members = [0.5, 0.25, 0.125].map(async (value) => {
    const participant = connect(coordinator.url, admission);
    endings.push(async () => participant.close());
    participant.checkIn();
    const { roundNumber } = await participant.next('invited');
    const update = updateOf(MANIFEST, value);
    participant.send({ type: 'ready', roundNumber, ...update.announcement });
    const { uploadTicket } = await participant.next('uploadGranted');
    return { participant, update, ticket: uploadTicket };
  });
  return { run, members: (await Promise.all(members)) as [Member, Member, Member] };
}

const ask = (url: string, ticket: string) =>
  fetch(url + UPDATES_PATH, { method: 'HEAD', headers: { authorization: `Bearer ${ticket}` } });

const heldOf = async (url: string, ticket: string): Promise<number> =>
  Number((await ask(url, ticket)).headers.get(UPLOAD_OFFSET_HEADER));

function putRest(
  url: string,
  { ticket, update }: Member,
  offset: number,
  body = update.frame.subarray(offset),
) {
  return fetch(url + UPDATES_PATH, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${ticket}`,
      'content-type': 'application/octet-stream',
      [UPLOAD_OFFSET_HEADER]: String(offset),
    },
    body: body as BodyInit,
  });
}

/** Sends so many bytes of a body that is announced to be whole, and then nothing more. */
async function begin(url: string, { ticket, update }: Member, bytes: number, frame = update.frame) {
  const upload = request(url + UPDATES_PATH, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${ticket}`,
      'content-type': 'application/octet-stream',
      'content-length': frame.length,
    },
  });
  const outcome = new Promise<number | 'closed'>((resolve) => {
    upload.on('response', (response) => resolve(response.resume().statusCode!));
    upload.on('error', () => resolve('closed'));
  });
  await new Promise((resolve) => upload.write(frame.subarray(0, bytes), resolve));
  return { upload, outcome };
}

/** Until the coordinator has read so many bytes; asking it would end the upload. */
const arrived = (run: RunSupervisor, { update }: Member, bytes: number) =>
  vi.waitFor(
    async () => {
      const member = memberOf(run, update);
      const upload = { clientId: member.clientId, updateHash: update.announcement.updateHash };
      expect(await run.updates.held(upload)).toBe(bytes);
    },
    { timeout: 10_000 },
  );

async function breakOff(url: string, run: RunSupervisor, member: Member, bytes: number, frame?: Uint8Array) {
  const before = run.bytesUp;
  const { upload } = await begin(url, member, bytes, frame);
  await vi.waitFor(() => expect(run.bytesUp).toBe(before + bytes), { timeout: 10_000 });
  upload.destroy();
  await arrived(run, member, bytes);
}

const answer = async (response: Response) => ({
  status: response.status,
  code: ((await response.json()) as { code?: string }).code,
});

describe('uploads in several goes', () => {
  test('[U-1] what arrived before the connection broke is kept, and the rest completes it', async () => {
    const coordinator = await open();
    const { run, members } = await closedCohort(coordinator);
    const [member, ...others] = members;
    expect(await heldOf(coordinator.url, member.ticket)).toBe(0);
    await breakOff(coordinator.url, run, member, HALF);
    const asked = await ask(coordinator.url, member.ticket);
    expect(asked.status).toBe(200);
    expect(asked.headers.get(UPLOAD_OFFSET_HEADER)).toBe(String(HALF));
    expect(asked.headers.get('cache-control')).toBe('no-store');

    const response = await putRest(coordinator.url, member, HALF);
    expect(response.status).toBe(200);
    for (const other of others) await putUpdate(coordinator.url, other.ticket, other.update.frame);
    expect(await others[0]!.participant.next('roundCommitted')).toMatchObject({ survivors: 3 });
  });

  test('[U-2] a wrong offset is refused with the right one, and changes nothing', async () => {
    const coordinator = await open();
    const { run, members } = await closedCohort(coordinator);
    const [member] = members;
    await breakOff(coordinator.url, run, member, HALF);
    for (const offset of [0, HALF - 1, HALF + 1, member.update.frame.length]) {
      const response = await putRest(coordinator.url, member, offset);
      expect(response.headers.get(UPLOAD_OFFSET_HEADER)).toBe(String(HALF));
      expect(await answer(response)).toEqual({ status: 409, code: 'upload-offset-mismatch' });
    }
    for (const offset of ['-1', '1.5', 'x', '99999999999']) {
      const headers = {
        authorization: `Bearer ${member.ticket}`,
        'content-type': 'application/octet-stream',
        [UPLOAD_OFFSET_HEADER]: offset,
      };
      const response = await fetch(coordinator.url + UPDATES_PATH, { method: 'PUT', headers, body: 'x' });
      expect(await answer(response)).toEqual({ status: 400, code: 'message-malformed' });
    }
    expect(await heldOf(coordinator.url, member.ticket)).toBe(HALF);
    expect((await putRest(coordinator.url, member, HALF)).status).toBe(200);
  });

  test('[U-2] without an offset the body is the whole update, whatever came before', async () => {
    const coordinator = await open();
    const { run, members } = await closedCohort(coordinator);
    await breakOff(coordinator.url, run, members[0], HALF);
    expect((await putUpdate(coordinator.url, members[0].ticket, members[0].update.frame)).status).toBe(200);
  });

  test('[U-2] the hash is that of the whole: a rest behind other bytes is refused, and it begins anew', async () => {
    const coordinator = await open();
    const { run, members } = await closedCohort(coordinator);
    const [member] = members;
    await breakOff(coordinator.url, run, member, HALF, new Uint8Array(member.update.frame.length).fill(1));
    expect(await answer(await putRest(coordinator.url, member, HALF))).toEqual({
      status: 422,
      code: 'update-hash-mismatch',
    });
    expect(await heldOf(coordinator.url, member.ticket)).toBe(0);
    expect((await putRest(coordinator.url, member, 0)).status).toBe(200);
  });

  test('[U-2] a rest that is too long or too short is not taken', async () => {
    const coordinator = await open();
    const { run, members } = await closedCohort(coordinator);
    const [member] = members;
    const rest = member.update.frame.subarray(HALF);
    for (const [body, status, code] of [
      [Buffer.concat([rest, rest]), 413, 'frame-too-large'],
      [rest.subarray(1), 422, 'frame-length'],
    ] as const) {
      await breakOff(coordinator.url, run, member, HALF);
      expect(await answer(await putRest(coordinator.url, member, HALF, body))).toEqual({ status, code });
      expect(await heldOf(coordinator.url, member.ticket)).toBe(0);
    }
  });

  test('[U-3] a newer connection ends the older one and goes on where that stopped', async () => {
    const coordinator = await open();
    const { run, members } = await closedCohort(coordinator);
    const [member] = members;
    const older = await begin(coordinator.url, member, HALF);
    await vi.waitFor(() => expect(run.bytesUp).toBe(HALF), { timeout: 10_000 });
    expect(await heldOf(coordinator.url, member.ticket)).toBe(HALF);
    expect([408, 'closed']).toContain(await older.outcome);
    expect((await putRest(coordinator.url, member, HALF)).status).toBe(200);
  });

  test('[U-3] of two that send the whole update at once, one counts, and neither is told off for good', async () => {
    const coordinator = await open();
    const { run, members } = await closedCohort(coordinator);
    const [member, ...others] = members;
    const both = await Promise.all(
      [1, 2].map(() => putUpdate(coordinator.url, member.ticket, member.update.frame).catch(() => null)),
    );
    const statuses = both.map((response) => response?.status ?? 408);
    expect(statuses).toContain(200);
    for (const status of statuses) expect([200, 408]).toContain(status);
    for (const other of others) await putUpdate(coordinator.url, other.ticket, other.update.frame);
    expect(await others[0]!.participant.next('roundCommitted')).toMatchObject({ survivors: 3 });
    expect(run.state.committedRounds).toBe(1);
  });

  test('[U-4] a body that hardly comes is ended soon, harms nobody, and may go on', async () => {
    const coordinator = await open({ uploadPace: { windowMs: 1000, bytesPerWindow: 1024 } });
    const { members } = await closedCohort(coordinator);
    const [slow, ...others] = members;
    const trickle = await begin(coordinator.url, slow, HALF);
    for (const other of others) {
      expect((await putUpdate(coordinator.url, other.ticket, other.update.frame)).status).toBe(200);
    }
    expect([408, 'closed']).toContain(await trickle.outcome);
    expect(await heldOf(coordinator.url, slow.ticket)).toBe(HALF);
    expect((await putRest(coordinator.url, slow, HALF)).status).toBe(200);
    expect(await slow.participant.next('roundCommitted')).toMatchObject({ survivors: 3 });
  });

  test('[U-5] what is held survives a restart, and does not survive its round', async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'tributary-upload-'));
    endings.push(() => rm(dataFolder, { recursive: true, force: true }));
    const first = await startCoordinator({ dataFolder, logLevel: 'silent' });
    const { run, members } = await closedCohort(first);
    const [half, gone, other] = members;
    await breakOff(first.url, run, half, HALF);
    await breakOff(first.url, run, gone, HALF);
    for (const { participant } of members) participant.close();
    await first.close();

    const second = await open({ dataFolder });
    const again = second.runs.get(run.runId);
    expect(await heldOf(second.url, half.ticket)).toBe(HALF);
    expect((await putRest(second.url, half, HALF)).status).toBe(200);
    expect((await putUpdate(second.url, other.ticket, other.update.frame)).status).toBe(200);
    const { clientId } = memberOf(again, gone.update);
    const upload = { clientId, updateHash: gone.update.announcement.updateHash };
    expect(await again.updates.held(upload)).toBe(HALF);
    const admission = await second.admissionTicket(again, 1);
    const leaver = connect(second.url, admission, gone.participant.identity);
    endings.push(async () => leaver.close());
    leaver.checkIn();
    await leaver.next('uploadGranted');
    leaver.send({ type: 'leave', reason: 'stopped-by-person' });
    await vi.waitFor(() => expect(again.state.committedRounds).toBe(1), { timeout: 10_000 });
    await vi.waitFor(async () => expect(await again.updates.held(upload)).toBe(0), { timeout: 10_000 });
    expect(await answer(await putRest(second.url, gone, HALF))).toEqual({
      status: 409,
      code: 'round-mismatch',
    });
  });

  test('[U-6] a ticket is consumed with its update: it repeats the acknowledgement, and takes no bytes', async () => {
    const coordinator = await open();
    const { run, members } = await closedCohort(coordinator);
    const [member] = members;
    expect((await putUpdate(coordinator.url, member.ticket, member.update.frame)).status).toBe(200);
    expect(await heldOf(coordinator.url, member.ticket)).toBe(member.update.frame.length);
    const before = run.bytesUp;
    const other = updateOf(MANIFEST, 3).frame;
    const response = await putUpdate(coordinator.url, member.ticket, other);
    expect(await response.json()).toMatchObject({ updateHash: member.update.announcement.updateHash });
    expect(run.bytesUp).toBe(before);
    expect(await run.updates.list()).toEqual([member.update.announcement.updateHash]);
  });

  test('[U-6] without its ticket nobody learns how far an upload has come', async () => {
    const coordinator = await open();
    const { run, members } = await closedCohort(coordinator);
    await breakOff(coordinator.url, run, members[0], HALF);
    const asked = await ask(coordinator.url, 'e30.e30.AAAA');
    expect(asked.status).toBe(401);
    expect(asked.headers.get(UPLOAD_OFFSET_HEADER)).toBeNull();
    const bare = await fetch(coordinator.url + UPDATES_PATH, { method: 'HEAD' });
    expect(bare.status).toBe(401);
  });
});

function memberOf(run: RunSupervisor, update: HandMadeUpdate): CohortMember {
  const isOf = (member: RoundMember) =>
    'announcement' in member && member.announcement.updateHash === update.announcement.updateHash;
  return membersOf(run.state.round!).find(isOf) as CohortMember;
}
