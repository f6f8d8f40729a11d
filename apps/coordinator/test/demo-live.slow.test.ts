/** The demo as `serve --demo` runs it: a coordinator, a thread of virtual participants, and a visitor. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryStorage, createParticipant } from '@tributary/participant';
import { generateDigits, imageExamples } from '@tributary/simulation';
import { createEngineTrainer, threadEngines } from '@tributary/training/local';
import { expect, it, vi } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { demoManifest } from '../src/demo/demo-task.ts';
import { demoValidationSet, startDemo } from '../src/demo/index.ts';
import type { RunSupervisor } from '../src/run/run-supervisor.ts';

const PATIENCE = { timeout: 40_000, interval: 50 };

it('goes on with the same run and the same devices after a restart, and lets a visitor in', {
  timeout: 120_000,
}, async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'tributary-demo-'));
  const faults: string[] = [];

  const first = await start(dataFolder);
  const run = await first.createRun(demoManifest());
  await first.steer(run, 'launch');
  const demo = await show(first, run, { dataFolder, faults });
  await vi.waitUntil(() => run.state.committedRounds >= 2, PATIENCE);
  const devices = new Set(run.state.present);
  expect(devices.size).toBe(12);
  await first.close();
  await demo.close();
  const { committedRounds, modelHash } = run.state;

  const second = await start(dataFolder);
  const resumed = second.runs.get(run.runId);
  expect(resumed.state).toMatchObject({ committedRounds, modelHash });
  const again = await show(second, resumed, { dataFolder, faults });
  await vi.waitUntil(() => resumed.state.committedRounds > committedRounds, PATIENCE);
  expect(new Set(resumed.state.present)).toEqual(devices);

  const visitor = createVisitor(second, resumed, await second.admissionTicket(resumed, 1));
  await visitor.start();
  // Ten of thirteen are invited: that six rounds in a row leave the visitor out happens once in six thousand.
  await vi.waitUntil(() => visitor.view.participation.contributions > 0, PATIENCE);

  await visitor.dispose();
  await second.close();
  await again.close();
  expect(faults).toEqual([]);
});

function start(dataFolder: string): Promise<Coordinator> {
  return startCoordinator({ dataFolder, validationSets: async () => demoValidationSet() });
}

async function show(
  coordinator: Coordinator,
  run: RunSupervisor,
  { dataFolder, faults }: { dataFolder: string; faults: string[] },
) {
  return startDemo({
    coordinatorUrl: coordinator.url,
    ticket: await coordinator.admissionTicket(run, 1),
    dataDir: dataFolder,
    onFault: (message) => faults.push(message),
  });
}

function createVisitor({ url }: Coordinator, { runId, manifest }: RunSupervisor, ticket: string) {
  const examples = imageExamples(generateDigits({ seed: 'visitor', count: 40 }));
  return createParticipant({
    coordinatorUrl: url,
    runId,
    manifest,
    ticket,
    trainer: createEngineTrainer(threadEngines()),
    data: {
      exampleCount: async () => examples.count,
      trainingExamples: async () => examples,
      heldOutExamples: async () => null,
    },
    storage: createMemoryStorage(),
  });
}
