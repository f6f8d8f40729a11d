/** A whole run with secure aggregation: what the coordinator makes of masked updates is what their clear sum makes. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { additiveFrame, parameterShapes, parseManifest, runDetailSchema } from '@tributary/fl-core';
import { afterEach, describe, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import type { RunSupervisor } from '../src/run/run-supervisor.ts';
import { announce, connect, takePart } from './participant-driver.ts';
import {
  type Conduct,
  clearUpdate,
  EXAMPLES_OF_A_MEMBER,
  type SecureMember,
  secureMember,
  UNTUNED,
} from './secure-member.ts';
import { secureReference } from './secure-reference.ts';
import { secureTask } from './small-task.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const MANIFEST = secureTask();
let coordinator: Coordinator;
let run: RunSupervisor;
let members: readonly SecureMember[] = [];
const folders: string[] = [];

async function launch(dataFolder: string | null, conducts: Readonly<Record<string, Conduct>> = {}) {
  coordinator = await startCoordinator({ dataFolder, logLevel: 'silent' });
  run = await coordinator.createRun(MANIFEST);
  const ticket = await coordinator.admissionTicket(run, 1);
  const { runId } = run;
  members = NAMES.map((name) =>
    secureMember({ name, runId, ticket, manifest: MANIFEST, conduct: conducts[name] ?? {} }),
  );
  for (const member of members) member.connect(coordinator.url);
  await expect.poll(() => run.state.present.length).toBe(NAMES.length);
  await coordinator.steer(run, 'launch');
}

async function detail() {
  const response = await fetch(`${coordinator.url}/v1/admin/runs/${run.runId}`, {
    headers: { authorization: `Bearer ${coordinator.operatorToken}` },
  });
  return runDetailSchema.parse(await response.json());
}

afterEach(async () => {
  for (const member of members) member.disconnect();
  await coordinator.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe('a run with secure aggregation', () => {
  test('[D-12] six members take it to its end, and the models are those of the clear sums', async () => {
    await launch(null);
    const final = await members[0]!.ended;
    expect(final).toBe(secureReference(MANIFEST).after(NAMES).after(NAMES).hash);
    const { rounds } = await detail();
    expect(rounds.map(({ outcome, accepted }) => ({ outcome, accepted }))).toEqual(
      Array(2).fill({ outcome: 'committed', accepted: 6 }),
    );
    // Nobody said `evaluated`; each counted 3 of 4 right in the tail of its update.
    expect(rounds.map((round) => round.participantAccuracy)).toEqual([0.75, 0.75]);
    for (const { secureSum } of rounds) {
      expect(secureSum).toMatchObject({
        label: 'curious server',
        graph: 'complete',
        degree: 5,
        shareThreshold: 4,
        cohort: 6,
        minimumSurvivors: 4,
      });
      expect(secureSum?.stages.map(({ stage, members }) => [stage, members])).toEqual([
        ['sharing', 6],
        ['masking', 6],
        ['confirming', 6],
        // As soon as every secret can be rebuilt, nobody else is waited for.
        ['revealing', expect.any(Number)],
      ]);
      for (const { seconds } of secureSum!.stages) expect(seconds).toBeGreaterThanOrEqual(0);
    }
  });

  test('[D-12] makes the very models that the same updates make in the clear', async () => {
    coordinator = await startCoordinator({ dataFolder: null, logLevel: 'silent' });
    members = [];
    const manifest = parseManifest({ ...MANIFEST, secureAggregation: { mode: 'off' } });
    run = await coordinator.createRun(manifest);
    const ticket = await coordinator.admissionTicket(run, 1);
    await coordinator.steer(run, 'launch');
    const open = NAMES.map((name) => ({ name, participant: connect(coordinator.url, ticket) }));
    for (const { participant } of open) participant.checkIn({ exampleCount: EXAMPLES_OF_A_MEMBER });
    for (let round = 1; round <= 2; round += 1) {
      await Promise.all(
        open.map(async ({ name, participant }) => {
          const { modelHash } = run.state;
          const shapes = parameterShapes(manifest.model);
          const frame = additiveFrame(clearUpdate(manifest, { name, modelHash }), {
            ...{ manifest, shapes },
            round: UNTUNED,
          });
          await takePart(participant, coordinator.url, announce(frame, EXAMPLES_OF_A_MEMBER));
          await participant.next('roundCommitted');
        }),
      );
    }
    const { modelHash } = await open[0]!.participant.next('runEnded');
    for (const { participant } of open) participant.close();
    expect(modelHash).toBe(secureReference(MANIFEST).after(NAMES).after(NAMES).hash);
  });

  test('[D-13] keeps no seed, no share and no key in any file, and no sealed share beyond its round', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-secure-'));
    folders.push(folder);
    let sealed = 0;
    await launch(folder, {
      a: {
        before: async (stage) => {
          if (stage === 'reveal') sealed = (await rowsOf(folder, 'sealed_shares')).length;
          return true;
        },
      },
    });
    await members[0]!.ended;
    // They were there, or nothing below would be worth anything.
    expect(sealed).toBe(NAMES.length);
    await expect.poll(async () => (await rowsOf(folder, 'sealed_shares')).length, PATIENCE).toBe(0);
    const secrets = members.flatMap((member) => member.secrets);
    expect(secrets.length).toBeGreaterThan(2 * NAMES.length * NAMES.length);
    // Updates are swept in the background; the last of them must not vanish while they are read.
    const kept = async () =>
      (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    await expect
      .poll(async () => (await kept()).filter(({ parentPath }) => parentPath.includes('/updates/')), PATIENCE)
      .toEqual([]);
    const files = await Promise.all(
      (await kept()).map((entry) => readFile(join(entry.parentPath, entry.name))),
    );
    expect(files.some((content) => content.includes(members[0]!.identity.publicKey))).toBe(true);
    for (const secret of secrets) {
      const raw = Buffer.from(secret, 'hex');
      for (const form of [raw, secret, raw.toString('base64'), raw.toString('base64url')]) {
        expect(files.some((content) => content.includes(form))).toBe(false);
      }
    }
  });
});

/** A machine that is busy. */
const PATIENCE = { timeout: 20_000 };

async function rowsOf(folder: string, table: 'sealed_shares'): Promise<unknown[]> {
  const { default: Database } = await import('libsql');
  const database = new Database(join(folder, 'tributary.db'), { readonly: true });
  try {
    return database.prepare(`select * from ${table}`).all();
  } finally {
    database.close();
  }
}
