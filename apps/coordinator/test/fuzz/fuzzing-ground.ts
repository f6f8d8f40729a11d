/**
 * What is fuzzed: a coordinator with one run that trains, one that receives updates, one that is paused, and one whose
 * members are about to share their secrets. Whatever
 * is thrown at it, everything in its database and in its rounds must be as before, and the honest participants,
 * who wait through all of it, must then finish with the exact model.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunState } from '@tributary/fl-core';
import Database from 'libsql';
import { expect, vi } from 'vitest';
import { type HostedCoordinator, type HostedRun, hostCoordinator } from '../faults/hosted-coordinator.ts';
import { referenceModel } from '../faults/reference-model.ts';
import { accepted, honestUpdate, playRound } from '../faults/scene.ts';
import { connect, type Participant, putUpdate } from '../participant-driver.ts';
import { secureMember } from '../secure-member.ts';
import { secureReference } from '../secure-reference.ts';
import { secureTask, smallTask } from '../small-task.ts';

const HONEST = 3;
const MANIFEST = smallTask({
  committedRounds: 1,
  reportGoal: HONEST,
  minimumSurvivors: HONEST,
  trainingSeconds: 1800,
  reportingSeconds: 1800,
  rejoinSeconds: 600,
});

const IN_SECRET = ['a', 'b', 'c', 'd', 'e', 'f'];
const SECURE_MANIFEST = secureTask(
  { committedRounds: 1, minimumSurvivors: IN_SECRET.length, trainingSeconds: 1800, rejoinSeconds: 600 },
  1800,
);

export interface FuzzingGround {
  readonly host: HostedCoordinator;
  readonly training: HostedRun;
  readonly reporting: HostedRun;
  readonly paused: HostedRun;
  /** With secure aggregation; it waits for the shares of its members. */
  readonly sharing: HostedRun;
  /** One that the reporting run waits for. */
  readonly uploadTicket: string;
  /** Members of the run that trains. */
  readonly members: readonly Participant[];
  /** Everything that must not change. */
  snapshot(): Promise<unknown>;
  /** Nothing died, nothing changed, and the honest are served. */
  expectUnharmed(before: unknown): Promise<void>;
  close(): Promise<void>;
}

export async function openFuzzingGround(): Promise<FuzzingGround> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'tributary-fuzz-'));
  const clientFolder = join(dataFolder, 'page');
  await mkdir(clientFolder);
  await writeFile(join(clientFolder, 'index.html'), '<!doctype html><title>A page</title>');
  const host = await hostCoordinator({
    dataFolder,
    clientFolder,
    socketsPerAddress: 1000,
    checkInTimeoutMs: 20_000,
  });
  const training = await host.createRun(MANIFEST);
  const reporting = await host.createRun(MANIFEST);
  const paused = await host.createRun(MANIFEST);
  const { sharing, goOn, ended, leave } = await beginSharing(host);
  const members = await gather(host, training);
  const cohort = await gather(host, reporting);
  const granted = await Promise.all(
    cohort.map(async (participant, index) => {
      const { roundNumber } = await participant.next('invited');
      const { announcement } = honestUpdate(MANIFEST, index, 1);
      participant.send({ type: 'ready', roundNumber, ...announcement });
      return participant.next('uploadGranted');
    }),
  );

  const states = async (): Promise<RunState[]> =>
    Promise.all([training, reporting, paused, sharing].map(({ runId }) => host.state(runId)));
  const snapshot = async () => ({
    states: await states(),
    runIds: await host.runIds(),
    tables: readTables(join(dataFolder, 'tributary.db')),
  });
  return {
    host,
    training,
    reporting,
    paused,
    sharing,
    members,
    uploadTicket: granted[0]!.uploadTicket,
    snapshot,
    async expectUnharmed(before) {
      expect(host.accidents()).toEqual([]);
      // The honest participants, and this test's own requests.
      await expect
        .poll(() => host.connections(), { timeout: 20_000 })
        .toBeLessThanOrEqual(2 * HONEST + IN_SECRET.length + 10);
      // Those who left may still be on their way out.
      await expect.poll(snapshot, { timeout: 20_000 }).toEqual(before);
      for (let index = 0; index < HONEST; index += 1) {
        const { frame } = honestUpdate(MANIFEST, index, 1);
        expect((await putUpdate(host.url, granted[index]!.uploadTicket, frame)).status).toBe(200);
      }
      for (const participant of cohort) await participant.next('roundCommitted');
      goOn();
      expect(await ended).toBe(secureReference(SECURE_MANIFEST).after(IN_SECRET).hash);
      await playRound({ host, manifest: MANIFEST }, members, 1);
      const updates = Array.from({ length: HONEST }, (_, index) =>
        accepted(honestUpdate(MANIFEST, index, 1)),
      );
      const expected = referenceModel(MANIFEST).after(updates).hash;
      for (const { runId } of [training, reporting]) {
        expect((await host.admin.run(runId)).summary).toMatchObject({
          status: 'completed',
          modelHash: expected,
        });
      }
      expect(host.accidents()).toEqual([]);
    },
    async close() {
      for (const participant of [...members, ...cohort]) participant.close();
      leave();
      await host.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** Its members have heard who is in the cohort, and say nothing before they are told to go on. */
async function beginSharing(host: HostedCoordinator) {
  const sharing = await host.createRun(SECURE_MANIFEST);
  let goOn = () => {};
  const going = new Promise<boolean>((resolve) => {
    goOn = () => resolve(true);
  });
  const { runId, ticket } = sharing;
  const members = IN_SECRET.map((name) =>
    secureMember({
      ...{ name, runId, ticket, manifest: SECURE_MANIFEST },
      conduct: { before: (stage) => stage !== 'seal' || going },
    }),
  );
  for (const member of members) member.connect(host.url);
  const patience = { timeout: 20_000 };
  await vi.waitUntil(async () => (await host.state(runId)).present.length === IN_SECRET.length, patience);
  await host.admin.post(`runs/${runId}/launch`);
  await vi.waitUntil(async () => (await host.state(runId)).round?.phase === 'sharing', patience);
  const leave = (): void => {
    for (const member of members) member.disconnect();
  };
  return { sharing, goOn, ended: members[0]!.ended, leave };
}

async function gather(host: HostedCoordinator, run: HostedRun): Promise<Participant[]> {
  const participants = Array.from({ length: HONEST }, () => connect(host.url, run.ticket));
  for (const participant of participants) participant.checkIn();
  for (const participant of participants) await participant.next('admitted');
  await host.admin.post(`runs/${run.runId}/launch`);
  return participants;
}

function readTables(path: string): Record<string, unknown[]> {
  const database = new Database(path, { readonly: true });
  try {
    const names = database
      .prepare("select name from sqlite_master where type = 'table' order by name")
      .all() as {
      name: string;
    }[];
    return Object.fromEntries(
      names.map(({ name }) => {
        const rows = database.prepare(`select * from "${name}"`).all() as Record<string, unknown>[];
        // When an operator was last seen is meant to change: some of what is sent comes with the operator's token.
        return [name, rows.map(({ last_seen_at: _, ...row }) => row)];
      }),
    );
  } finally {
    database.close();
  }
}

const MEGABYTE = 2 ** 20;

/** Forces a collection on both sides of the work; `warmUp` has compiled and cached what would count as growth. */
export async function measureHeapGrowth(
  host: HostedCoordinator,
  { warmUp, work }: { warmUp: () => Promise<unknown>; work: () => Promise<unknown> },
): Promise<number> {
  await Promise.race([warmUp(), host.died]);
  const before = await host.heapBytes();
  await Promise.race([work(), host.died]);
  return ((await host.heapBytes()) - before) / MEGABYTE;
}

export const MOST_GROWTH_MEGABYTES = 10;

/** A table for people: what was counted, most frequent first. */
export function printReach(title: string, counts: ReadonlyMap<string, number>): void {
  const rows = [...counts].sort((left, right) => right[1] - left[1]);
  console.log(`${title}\n${rows.map(([name, count]) => `${`${count}`.padStart(8)}  ${name}`).join('\n')}`);
}

export function counter(): { readonly counts: Map<string, number>; count(name: string, by?: number): void } {
  const counts = new Map<string, number>();
  return { counts, count: (name, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by) };
}
