/**
 * The real process is killed with SIGKILL around a roll back. What is found afterwards is the run before it or the
 * run after it, whole; and from there the same updates lead to the same model.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BlobHash, RunId } from '@tributary/fl-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCoordinator } from '../src/app.ts';
import { admin, startProcess } from './coordinator-process.ts';
import { KNOWN_ROUNDS, trainRounds } from './known-rounds.ts';
import { smallTask } from './small-task.ts';

let folder: string;
let token: string;
let runId: RunId;
let models: BlobHash[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-kill-roll-back-'));
  const coordinator = await startCoordinator({ dataFolder: join(folder, 'completed'), logLevel: 'silent' });
  token = coordinator.operatorToken!;
  const run = await coordinator.createRun(smallTask({ committedRounds: 3 }));
  runId = run.runId;
  await coordinator.steer(run, 'launch');
  await trainRounds(coordinator, run, KNOWN_ROUNDS);
  await coordinator.close();
  const again = await startCoordinator({ dataFolder: join(folder, 'completed'), logLevel: 'silent' });
  const response = await fetch(`${again.url}/v1/admin/runs/${runId}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { rounds } = (await response.json()) as { rounds: { modelHash: BlobHash }[] };
  models = rounds.map((round) => round.modelHash);
  await again.close();
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Milliseconds after the request; null waits for its answer. A slow machine reaches other points, and all must hold. */
const KILLED_AFTER = [0, 1, 2, 4, 8, 16, 32, null];

test.each(KILLED_AFTER)(
  '[N-6] [N-5] killed %s ms after a roll back was asked for: all of it or nothing, and the same bits from there',
  async (after) => {
    const data = join(folder, `killed-${after}`);
    await cp(join(folder, 'completed'), data, { recursive: true });
    const first = await startProcess(data);
    const asked = admin(first.url, token)
      .post(`runs/${runId}/rollback`, { roundNumber: 1 })
      .then(
        () => true,
        () => false,
      );
    if (after === null) await asked;
    else await sleep(after);
    first.killNine();
    const isAnswered = await asked;
    await first.ended;

    const coordinator = await startCoordinator({ dataFolder: data, logLevel: 'silent' });
    try {
      const run = coordinator.runs.get(runId);
      const response = await fetch(`${coordinator.url}/v1/admin/runs/${runId}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const { rounds } = (await response.json()) as { rounds: { isSuperseded: boolean }[] };
      const found = {
        status: run.state.status,
        modelHash: run.state.modelHash,
        committedRounds: run.state.committedRounds,
        superseded: rounds.map((round) => round.isSuperseded),
      };
      const whole = {
        status: 'completed',
        modelHash: models[2],
        committedRounds: 3,
        superseded: [false, false, false],
      };
      const rolledBack = {
        status: 'paused',
        modelHash: models[0],
        committedRounds: 1,
        superseded: [false, true, true],
      };
      expect(isAnswered ? [rolledBack] : [whole, rolledBack]).toContainEqual(found);

      if (found.status === 'completed') await run.rollBack(1);
      await coordinator.steer(run, 'resume');
      await trainRounds(coordinator, run, KNOWN_ROUNDS.slice(1));
      expect(run.state).toMatchObject({ status: 'completed', modelHash: models[2], committedRounds: 3 });
    } finally {
      await coordinator.close();
    }
  },
  60_000,
);
