/** A coordinator with a run that is selecting, and those who join it by hand. */
import type { TaskManifest } from '@tributary/fl-core';
import { afterEach, beforeEach } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import type { RunSupervisor } from '../src/run/run-supervisor.ts';
import type { HandMadeIdentity } from './hand-made-identity.ts';
import { connect, type HandMadeUpdate, type Participant, updateOf } from './participant-driver.ts';
import { smallTask } from './small-task.ts';

export const MANIFEST: TaskManifest = smallTask();
const participants: Participant[] = [];

interface Door {
  coordinator: Coordinator;
  run: RunSupervisor;
  /** With which the next one joins. */
  ticket: string;
}
/** Made anew for each test. */
export const door = {} as Door;

beforeEach(async () => {
  const coordinator = await startCoordinator({
    dataFolder: null,
    logLevel: 'silent',
    checkInTimeoutMs: 3000,
    socketsPerAddress: 8,
  });
  const run = await coordinator.createRun(MANIFEST);
  await coordinator.steer(run, 'launch');
  Object.assign(door, { coordinator, run, ticket: await coordinator.admissionTicket(run, 1) });
});
afterEach(async () => {
  for (const participant of participants.splice(0)) participant.close();
  await door.coordinator.close();
});

export function join(identity?: HandMadeIdentity): Participant {
  const participant = connect(door.coordinator.url, door.ticket, identity);
  participants.push(participant);
  return participant;
}
export const closed = (participant: Participant): Promise<void> =>
  new Promise((resolve) => participant.socket.once('disconnect', () => resolve()));
export interface Member {
  readonly participant: Participant;
  readonly update: HandMadeUpdate;
  readonly uploadTicket: string;
}

/** Three members that may upload; the first one's update can be chosen. */
export async function closedCohort(first: HandMadeUpdate = updateOf(MANIFEST, 0.5)): Promise<Member[]> {
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

export const answer = async (response: Response): Promise<{ status: number; code: string }> => ({
  status: response.status,
  code: ((await response.json()) as { code: string }).code,
});
