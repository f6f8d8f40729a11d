/** Who gets in by which link, against a running coordinator with a database on disk. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN_PATH, type Invite, instant, inviteSchema, JOIN_PATH, problemSchema } from '@tributary/fl-core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { batched } from '../src/admission/batched.ts';
import { openInvites } from '../src/admission/invites.ts';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { ephemeralSigningKey } from '../src/auth/signing-key.ts';
import { ticketOffice } from '../src/auth/tickets.ts';
import { ticketIn } from '../src/http/join.ts';
import type { RunSupervisor } from '../src/run/run-supervisor.ts';
import { openMemoryInviteStore } from '../src/storage/memory-invite-store.ts';
import { handMadeIdentity } from './hand-made-identity.ts';
import { connect, type Participant, putUpdate, takePart, updateOf } from './participant-driver.ts';
import { smallTask } from './small-task.ts';

let dataFolder: string;
let coordinator: Coordinator;
let token: string;
let run: RunSupervisor;
const participants: Participant[] = [];

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'tributary-invites-'));
  coordinator = await startCoordinator({ dataFolder, logLevel: 'silent' });
  token = coordinator.operatorToken!;
  run = await coordinator.createRun(smallTask());
});
afterEach(async () => {
  for (const participant of participants.splice(0)) participant.close();
  await coordinator.close();
  await rm(dataFolder, { recursive: true, force: true });
});

function comesBy(invite: Invite, identity = handMadeIdentity()): Participant {
  const participant = connect(coordinator.url, ticketIn(invite.joinUrl), identity);
  participants.push(participant);
  participant.checkIn();
  return participant;
}

async function ask(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${coordinator.url}${ADMIN_PATH}/runs/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}
const invited = async (terms: unknown): Promise<Invite> =>
  inviteSchema.parse(await (await ask('POST', `${run.runId}/invites`, terms)).json());
const listed = async (): Promise<Invite[]> =>
  z.array(inviteSchema).parse(await (await ask('GET', `${run.runId}/invites`)).json());
const revoke = (invite: Invite): Promise<Response> =>
  ask('DELETE', `${run.runId}/invites/${invite.inviteId}`);
const joinInfo = async (invite: Invite): Promise<{ status: number; code?: string }> => {
  const headers = { authorization: `Bearer ${ticketIn(invite.joinUrl)}` };
  const response = await fetch(coordinator.url + JOIN_PATH, { headers });
  if (response.ok) return { status: response.status };
  return { status: response.status, code: problemSchema.parse(await response.json()).code };
};

describe('[D-10] an invite', () => {
  test('lets in as many devices as it says, each once, and those that are in again and again', async () => {
    const invite = await invited({ label: 'the class', maximumDevices: 2 });
    const [ada, bob] = [handMadeIdentity(), handMadeIdentity()];
    await comesBy(invite, ada).next('admitted');
    await comesBy(invite, bob).next('admitted');
    expect(await comesBy(invite).next('refused')).toMatchObject({ code: 'invite-exhausted', fatal: true });
    await comesBy(invite, ada).next('admitted');
    expect(await listed()).toMatchObject([{ ...invite, devices: 2, maximumDevices: 2, label: 'the class' }]);
    expect(run.state.present).toHaveLength(2);
  });

  test('does not let more in when all come at once', async () => {
    const invite = await invited({ maximumDevices: 3 });
    const crowd = Array.from({ length: 8 }, () => comesBy(invite));
    const verdicts = await Promise.all(
      crowd.map((each) =>
        Promise.race([
          each.next('admitted').then(() => 'admitted'),
          each.next('refused').then(({ code }) => code),
        ]).catch(() => 'neither'),
      ),
    );
    expect(verdicts.filter((verdict) => verdict === 'admitted')).toHaveLength(3);
    expect(verdicts.filter((verdict) => verdict === 'invite-exhausted')).toHaveLength(5);
  });

  test('does not count those who are refused for another reason', async () => {
    const invite = await invited({ maximumDevices: 1 });
    const liar = connect(coordinator.url, ticketIn(invite.joinUrl));
    participants.push(liar);
    liar.checkIn({ signature: '0'.repeat(128) });
    expect(await liar.next('refused')).toMatchObject({ code: 'identity-invalid' });
    const poor = connect(coordinator.url, ticketIn(invite.joinUrl));
    participants.push(poor);
    poor.checkIn({ exampleCount: 1 });
    expect(await poor.next('refused')).toMatchObject({ code: 'not-eligible' });
    await comesBy(invite).next('admitted');
  });

  test('that was taken back lets nobody in, not even those it let in before, and says so', async () => {
    const invite = await invited({});
    const ada = handMadeIdentity();
    const present = comesBy(invite, ada);
    await present.next('admitted');
    expect(await joinInfo(invite)).toEqual({ status: 200 });

    const revoked = inviteSchema.parse(await (await revoke(invite)).json());
    expect(revoked.revokedAt).toBeGreaterThanOrEqual(invite.createdAt);
    expect(await joinInfo(invite)).toEqual({ status: 403, code: 'invite-revoked' });
    expect(await comesBy(invite, ada).next('refused')).toMatchObject({ code: 'invite-revoked', fatal: true });
    present.checkIn();
    expect(await present.next('refused')).toMatchObject({ code: 'invite-revoked', fatal: true });
    await comesBy(await invited({}), ada).next('admitted');
  });

  test('that was taken back leaves those who came by it in the round they are in, and in none after it', async () => {
    run = await coordinator.createRun(smallTask({ reportGoal: 2, minimumSurvivors: 1 }));
    const [gone, good] = [await invited({}), await invited({})];
    const [ada, bob, eve] = [comesBy(gone), comesBy(good), comesBy(gone)] as const;
    for (const each of [ada, bob, eve]) await each.next('admitted');
    eve.send({ type: 'leave', reason: 'stopped-by-person' });
    await vi.waitFor(() => expect(run.state.present).toHaveLength(2));
    await coordinator.steer(run, 'launch');
    await ada.next('invited').then(({ roundNumber }) => expect(roundNumber).toBe(1));

    await revoke(gone);
    // In no round, and so nothing to wait for.
    expect(await eve.next('refused')).toMatchObject({ code: 'invite-revoked', fatal: true });
    expect(ada.messages.map(({ type }) => type)).not.toContain('refused');
    const update = updateOf(run.manifest, 0.5);
    ada.send({ type: 'ready', roundNumber: 1, ...update.announcement });
    const [, grant] = await Promise.all([
      takePart(bob, coordinator.url, updateOf(run.manifest, 0.25)),
      ada.next('uploadGranted'),
    ]);
    expect((await putUpdate(coordinator.url, grant.uploadTicket, update.frame)).status).toBe(200);
    expect(await ada.next('roundCommitted')).toMatchObject({ accepted: true });
    expect(await ada.next('refused')).toMatchObject({ code: 'invite-revoked', fatal: true });
    expect(await bob.next('invited')).toMatchObject({ roundNumber: 2 });
    expect(ada.messages.filter(({ type }) => type === 'invited')).toHaveLength(1);
    await vi.waitFor(() => expect(run.state.present).toEqual([bob.identity.clientId]));
  });

  test('remembers limit, devices and revocation over a restart, and keeps its link', async () => {
    const limited = await invited({ maximumDevices: 1 });
    const gone = await invited({ label: 'gone' });
    const ada = handMadeIdentity();
    await comesBy(limited, ada).next('admitted');
    await revoke(gone);
    const before = await listed();
    const { port } = coordinator;
    await coordinator.close();
    coordinator = await startCoordinator({ dataFolder, port, logLevel: 'silent' });
    expect(await listed()).toEqual(before);
    expect(await comesBy(limited).next('refused')).toMatchObject({ code: 'invite-exhausted' });
    await comesBy(limited, ada).next('admitted');
    expect(await joinInfo(gone)).toMatchObject({ code: 'invite-revoked' });
  });

  test('expires also for those whose ticket was read before', async () => {
    const tickets = ticketOffice(ephemeralSigningKey());
    let at = instant(Date.now());
    const store = openMemoryInviteStore();
    const invites = await openInvites({
      store,
      tickets,
      linkTo: (ticket) => `x:/#ticket=${ticket}`,
      now: () => at,
    });
    const terms = { label: '', validHours: 1, maximumDevices: null };
    const ticket = ticketIn((await invites.create(run.runId, terms)).joinUrl);
    for (let time = 0; time < 2; time += 1) expect((await invites.read(ticket)).runId).toBe(run.runId);
    at = instant(at + 3_600_000);
    await expect(invites.read(ticket)).rejects.toMatchObject({ code: 'ticket-expired' });
  });

  test('keeps its ticket in one spelling only, however many ways there are to write it', async () => {
    const office = ticketOffice(ephemeralSigningKey());
    const readAdmission = vi.fn(office.readAdmission);
    const invites = await openInvites({
      store: openMemoryInviteStore(),
      tickets: { ...office, readAdmission },
      linkTo: (ticket) => `x:/#ticket=${ticket}`,
    });
    const terms = { label: '', validHours: 1, maximumDevices: null };
    const ticket = ticketIn((await invites.create(run.runId, terms)).joinUrl);
    for (let time = 0; time < 3; time += 1) await invites.read(ticket);
    expect(readAdmission).toHaveBeenCalledTimes(1);
    const spelling = `${ticket.slice(0, -4)} ${ticket.slice(-4)}`;
    for (let time = 0; time < 3; time += 1) await invites.read(spelling);
    expect(readAdmission).toHaveBeenCalledTimes(4);
  });

  test('belongs to its run', async () => {
    const invite = await invited({});
    const other = await coordinator.createRun(smallTask());
    const response = await ask('DELETE', `${other.runId}/invites/${invite.inviteId}`);
    expect(problemSchema.parse(await response.json()).code).toBe('not-found');
    expect(await (await ask('GET', `${other.runId}/invites`)).json()).toEqual([]);
    expect(await joinInfo(invite)).toEqual({ status: 200 });
  });

  test('ends at a whole millisecond, whatever part of an hour is asked for', async () => {
    const invite = await invited({ validHours: 0.123456789 });
    expect(invite.expiresAt).toBe(Math.round(invite.createdAt + 0.123456789 * 3_600_000));
  });

  test.each([
    { maximumDevices: 0 },
    { maximumDevices: 1.5 },
    { validHours: -1 },
    { label: 'x'.repeat(121) },
    { limit: 3 },
  ])('with terms that make no sense is refused: %o', async (terms) => {
    const response = await ask('POST', `${run.runId}/invites`, terms);
    expect(response.status).toBe(400);
    expect(await listed()).toEqual([]);
  });

  test('stands: the same link for the same label, until it is taken back', async () => {
    const terms = { label: 'demo', validHours: 24, maximumDevices: null };
    const first = await coordinator.standingInvite(run, terms);
    expect(await coordinator.standingInvite(run, terms)).toEqual(first);
    expect((await coordinator.standingInvite(run, { ...terms, label: 'other' })).inviteId).not.toBe(
      first.inviteId,
    );
    await revoke(first);
    const second = await coordinator.standingInvite(run, terms);
    expect(second.inviteId).not.toBe(first.inviteId);
    // A link that will end soon is not what somebody asks for who wants one for longer.
    const longer = await coordinator.standingInvite(run, { ...terms, validHours: 24 * 7 });
    expect(longer.inviteId).not.toBe(second.inviteId);
  });
});

describe('batched', () => {
  test('asks once for all that came within a moment, and answers each in its own words', async () => {
    const batches: number[][] = [];
    const double = batched(async (items: readonly number[]) => {
      batches.push([...items]);
      if (items.includes(13)) throw new Error('not 13');
      return items.map((item) => 2 * item);
    }, 5);
    expect(await Promise.all([double(1), double(2)])).toEqual([2, 4]);
    const second = [double(3), double(13)].map((each) => each.catch((error: Error) => error.message));
    expect(await Promise.all(second)).toEqual(['not 13', 'not 13']);
    expect(await double(4)).toBe(8);
    expect(batches).toEqual([[1, 2], [3, 13], [4]]);
  });
});
