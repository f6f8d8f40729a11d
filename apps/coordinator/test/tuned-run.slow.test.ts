/** A run whose step is tuned, in a coordinator that is closed in between and goes back: the step goes with the model. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseManifest, runDetailSchema } from '@tributary/fl-core';
import { afterAll, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { type SecureMember, secureMember } from './secure-member.ts';
import { secureTask } from './small-task.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const { manifestVersion, ...TASK } = secureTask({ committedRounds: 3 });
const MANIFEST = parseManifest({
  ...TASK,
  manifestVersion,
  compression: { codec: 'tuned', ringBits: 16, rotation: 'blocks' },
});

let coordinator: Coordinator;
let folder: string;
let members: readonly SecureMember[] = [];

async function closeAll(): Promise<void> {
  for (const member of members) member.disconnect();
  await coordinator.close();
}

afterAll(async () => {
  await closeAll();
  await rm(folder, { recursive: true, force: true });
});

test('[C-7] the step follows the masked sums, outlives a restart, and goes back with the model', async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-tuned-'));
  coordinator = await startCoordinator({ dataFolder: folder, logLevel: 'silent' });
  const { operatorToken } = coordinator;
  const created = await coordinator.createRun(MANIFEST);
  const { runId } = created;
  const ticket = await coordinator.admissionTicket(created, 1);
  const join_ = (name: string) => secureMember({ name, runId, ticket, manifest: MANIFEST });
  members = NAMES.map(join_);
  for (const member of members) member.connect(coordinator.url);
  await expect.poll(() => created.state.present.length).toBe(NAMES.length);
  const steps = [created.state.tuning!.encoding.step];
  await coordinator.steer(created, 'launch');
  await coordinator.steer(created, 'pause');
  await expect.poll(() => created.state.status, PATIENCE).toBe('paused');
  steps.push(created.state.tuning!.encoding.step);
  await closeAll();

  coordinator = await startCoordinator({ dataFolder: folder, logLevel: 'silent' });
  const run = coordinator.runs.get(runId);
  expect(run.state.tuning!.encoding.step).toBe(steps[1]);
  members = NAMES.map(join_);
  for (const member of members) member.connect(coordinator.url);
  await expect.poll(() => run.state.present.length, PATIENCE).toBe(NAMES.length);
  await coordinator.steer(run, 'resume');
  await expect.poll(() => run.state.status, PATIENCE).toBe('completed');
  const response = await fetch(`${coordinator.url}/v1/admin/runs/${runId}`, {
    headers: { authorization: `Bearer ${operatorToken}` },
  });
  const { rounds } = runDetailSchema.parse(await response.json());
  const committed = rounds.filter(({ outcome }) => outcome === 'committed');
  expect(committed.length).toBe(3);
  expect(committed.map(({ sum }) => sum!.count)).toEqual([6, 6, 6]);
  expect(committed[0]!.sum!.step).toBe(steps[0]);
  expect(committed[1]!.sum!.step).toBe(steps[1]);
  expect(new Set(committed.map(({ sum }) => sum!.step)).size).toBe(3);

  const metrics = await (await fetch(`${coordinator.url}/metrics`)).text();
  expect(metrics).toContain('tributary_tuned_sums_total{alarm="none"}');

  await run.rollBack(committed[0]!.roundNumber);
  expect(run.state.tuning!.encoding.step).toBe(steps[1]);
  await run.rollBack(0);
  expect(run.state.tuning!.encoding.step).toBe(steps[0]);
}, 120_000);

/** A machine that is busy. */
const PATIENCE = { timeout: 60_000 };
