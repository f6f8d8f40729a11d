/** A whole run with secure aggregation: what the coordinator makes of masked updates is what their clear sum makes. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { type SecureMember, secureMember } from './secure-member.ts';
import { secureReference } from './secure-reference.ts';
import { secureTask } from './small-task.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
let coordinator: Coordinator;
let folder: string;
let members: SecureMember[] = [];

afterEach(async () => {
  for (const member of members) member.disconnect();
  await coordinator.close();
  await rm(folder, { recursive: true, force: true });
});

test('six members take it to its end: the models are those of the clear sum, and nothing secret is kept', async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-secure-'));
  coordinator = await startCoordinator({ dataFolder: folder, logLevel: 'silent' });
  const manifest = secureTask();
  const run = await coordinator.createRun(manifest);
  const ticket = await coordinator.admissionTicket(run, 1);
  const { runId } = run;
  members = NAMES.map((name) => secureMember({ name, runId, ticket, manifest }));
  for (const member of members) member.connect(coordinator.url);
  await expect.poll(() => run.state.present.length).toBe(NAMES.length);
  await coordinator.steer(run, 'launch');

  const final = await members[0]!.ended;
  const model = secureReference(manifest).after(NAMES).after(NAMES);
  expect(final).toBe(model.hash);
});
