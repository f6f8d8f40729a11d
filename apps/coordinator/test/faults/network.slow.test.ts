/**
 * Participants of the real SDK, each behind a network of its own that is cut, stalls, trickles, breaks off, and says
 * things twice or in another order. Each model is the one that follows from a set of updates in which every
 * acknowledged one is, once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExampleSet, parseManifest, type TaskManifest } from '@tributary/fl-core';
import {
  createMemoryStorage,
  createParticipant,
  fetchJoinInfo,
  type Participant,
} from '@tributary/participant';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMeasuredTrainer } from '../../../../packages/participant/test/measured-trainer.ts';
import { type Faults, type FaultyNetwork, openFaultyNetwork } from './faulty-network.ts';
import { type HostedCoordinator, type HostedRun, hostCoordinator } from './hosted-coordinator.ts';
import { type AcceptedUpdate, type ReferenceModel, referenceModel } from './reference-model.ts';

let host: HostedCoordinator;
let dataFolder: string;
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'tributary-network-'));
  host = await hostCoordinator({ dataFolder });
}, 60_000);
afterAll(async () => {
  await host.stop();
  await rm(dataFolder, { recursive: true, force: true });
});

const INPUTS = 784;
const EXAMPLES = 20;

/** An update of 31 kB: long enough to be broken in the middle. */
function taskOf(rounds: Partial<TaskManifest['rounds']>): TaskManifest {
  return parseManifest({
    manifestVersion: 1,
    name: 'networks',
    seed: 'networks',
    model: { kind: 'softmax-regression', inputSize: INPUTS, classes: 10 },
    data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
    training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 2, batchSize: 10 },
    rounds: {
      committedRounds: 3,
      reportGoal: 3,
      overSelection: 1,
      minimumSurvivors: 2,
      selectionSeconds: 1,
      trainingSeconds: 60,
      reportingSeconds: 60,
      rejoinSeconds: 3,
      comeBackSeconds: 1,
      ...rounds,
    },
    aggregation: { serverOptimiser: { kind: 'sgd', learningRate: 1, momentum: 0.5 } },
  });
}

interface Device {
  readonly participant: Participant;
  readonly network: FaultyNetwork;
  /** What it trained, by round; and whether the upload of it was acknowledged. */
  readonly updates: ReadonlyMap<number, AcceptedUpdate>;
  readonly acknowledged: ReadonlySet<number>;
  /** Resolves with the end of the run. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

async function openDevice(
  run: HostedRun,
  index: number,
  { epochMs = 50, ...faults }: Faults & { epochMs?: number } = {},
): Promise<Device> {
  const network = await openFaultyNetwork(host.port, `network of device ${index}`, faults);
  const updates = new Map<number, AcceptedUpdate>();
  const acknowledged = new Set<number>();
  const storage = createMemoryStorage();
  const { runId, ticket } = run;
  const { manifest } = await fetchJoinInfo({
    coordinatorUrl: `http://127.0.0.1:${host.port}`,
    ticket,
    storage,
  });
  const participant = createParticipant({
    coordinatorUrl: network.url,
    runId,
    manifest,
    ticket,
    trainer: createMeasuredTrainer({ epochMs, stepSize: 0.001 * (index + 1) }),
    data: {
      exampleCount: async () => EXAMPLES + index,
      trainingExamples: async () => examples(EXAMPLES + index),
      heldOutExamples: async () => null,
    },
    storage: {
      ...storage,
      saveUpdate(update, pending) {
        updates.set(update.roundNumber, { frame: update.frame.slice(), exampleCount: update.exampleCount });
        return storage.saveUpdate(update, pending);
      },
    },
  });
  const ended = new Promise<void>((resolve) => {
    participant.on('state', ({ participation: { activity } }) => {
      if (activity.phase === 'reported') acknowledged.add(activity.roundNumber);
      if (activity.phase === 'ended') resolve();
    });
  });
  await participant.start();
  return {
    participant,
    network,
    updates,
    acknowledged,
    ended,
    async close() {
      await participant.dispose();
      await network.close();
    },
  };
}

function examples(count: number): ExampleSet {
  const inputs = Float32Array.from({ length: count * INPUTS }, (_, i) => ((i * 37) % 256) / 255);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
  return { count, inputShape: [INPUTS], inputs, labelsPerExample: 1, labels };
}

interface Stage {
  readonly run: HostedRun;
  readonly manifest: TaskManifest;
  readonly devices: readonly Device[];
}

/**
 * Each model of the run follows from the one before it and from some of the round's updates: exactly as many as the
 * round says that it accepted, and every one whose upload was acknowledged is among them.
 */
async function expectModelsOfAcceptedUpdates({ run, manifest, devices }: Stage): Promise<number> {
  const { rounds } = await host.admin.run(run.runId);
  let model = referenceModel(manifest);
  let counted = 0;
  for (const round of rounds.filter(({ outcome }) => outcome === 'committed')) {
    const { roundNumber } = round;
    const sent = devices.flatMap((device) => {
      const update = device.updates.get(roundNumber);
      return update ? [{ update, isAcknowledged: device.acknowledged.has(roundNumber) }] : [];
    });
    const fitting = subsetsOf(sent)
      .filter((some) => some.length === round.accepted && some.length > 0)
      .filter((some) => sent.every((one) => !one.isAcknowledged || some.includes(one)))
      .map((some): ReferenceModel => model.after(some.map(({ update }) => update)))
      .filter(({ hash }) => hash === round.modelHash);
    expect(fitting.length, `round ${roundNumber}: an accepted set that gives its model`).toBe(1);
    model = fitting[0]!;
    counted += round.accepted;
  }
  expect(contributionsTo(run)).toBe(counted);
  expect(host.accidents()).toEqual([]);
  return counted;
}

/** What the coordinator has written down for all devices together. */
function contributionsTo({ runId }: HostedRun): number {
  const database = new Database(join(dataFolder, 'tributary.db'), { readonly: true });
  try {
    const sum = 'select sum(accepted_updates) as counted from contributions where run_id = ?';
    return (database.prepare(sum).get(runId) as { counted: number | null }).counted ?? 0;
  } finally {
    database.close();
  }
}

function subsetsOf<T>(items: readonly T[]): T[][] {
  return items.reduce<T[][]>((subsets, item) => subsets.flatMap((some) => [some, [...some, item]]), [[]]);
}

async function openStage(
  rounds: Partial<TaskManifest['rounds']>,
  faults: readonly (Faults & { epochMs?: number })[],
): Promise<Stage> {
  const manifest = taskOf(rounds);
  const run = await host.createRun(manifest);
  const devices = await Promise.all(faults.map((own, index) => openDevice(run, index, own)));
  await host.admin.post(`runs/${run.runId}/launch`);
  return { run, manifest, devices };
}

const closeStage = ({ devices }: Stage) => Promise.all(devices.map((device) => device.close()));
const committedRounds = async ({ run }: Stage): Promise<number> =>
  (await host.admin.run(run.runId)).summary.committedRounds;

describe.concurrent('faults of the network', () => {
  test('messages twice and in another order: the run ends, and nothing counts twice', {
    timeout: 240_000,
  }, async () => {
    const chaotic = { duplicates: 0.3, reorders: 0.3 };
    const stage = await openStage({ committedRounds: 8, trainingSeconds: 6, reportingSeconds: 6 }, [
      chaotic,
      chaotic,
      chaotic,
    ]);
    await Promise.all(stage.devices.map(({ ended }) => ended));
    const counted = await expectModelsOfAcceptedUpdates(stage);
    expect(counted).toBeGreaterThanOrEqual(16);
    for (const { network } of stage.devices) {
      expect(network.done.duplicated).toBeGreaterThan(0);
      expect(network.done.reordered).toBeGreaterThan(0);
    }
    await closeStage(stage);
  });

  test('uploads that trickle, and uploads that break in the middle, are counted once', {
    timeout: 240_000,
  }, async () => {
    const stage = await openStage({ committedRounds: 3, minimumSurvivors: 3 }, [
      {},
      { uploadBytesPerSecond: 30_000 },
      { brokenUploads: 4 },
    ]);
    await Promise.all(stage.devices.map(({ ended }) => ended));
    expect(await expectModelsOfAcceptedUpdates(stage)).toBe(9);
    expect(stage.devices[2]!.network.done.broken).toBe(4);
    await closeStage(stage);
  });

  test('short cuts and stalls within the rejoin grace cost no round', { timeout: 240_000 }, async () => {
    const stage = await openStage({ committedRounds: 6, minimumSurvivors: 3, rejoinSeconds: 60 }, [
      { epochMs: 200 },
      { epochMs: 200 },
      { epochMs: 200 },
    ]);
    let isOver = false;
    const trouble = stage.devices.map(async ({ network }, index) => {
      for (let time = 0; !isOver; time += 1) {
        if ((time + index) % 2 === 0) await network.cut(1000 + 300 * index);
        else await network.stall(700 + 300 * index);
        await new Promise((resolve) => setTimeout(resolve, 500 + 400 * index));
      }
    });
    await Promise.all(stage.devices.map(({ ended }) => ended));
    isOver = true;
    await Promise.all(trouble);
    expect(await expectModelsOfAcceptedUpdates(stage)).toBe(18);
    await closeStage(stage);
  });

  test('one is cut off for a minute: the others go on without it, and it is back in the sum afterwards', {
    timeout: 240_000,
  }, async ({ expect }) => {
    const stage = await openStage({ committedRounds: 100_000, rejoinSeconds: 2, trainingSeconds: 10 }, [
      { epochMs: 300 },
      { epochMs: 300 },
      { epochMs: 300 },
    ]);
    const lost = stage.devices[2]!;
    await expect.poll(() => lost.acknowledged.size, { timeout: 60_000 }).toBeGreaterThan(0);
    const before = await committedRounds(stage);
    await lost.network.cut(60_000);
    const meanwhile = await committedRounds(stage);
    expect(meanwhile - before).toBeGreaterThanOrEqual(3);
    const known = lost.acknowledged.size;
    await expect.poll(() => lost.acknowledged.size, { timeout: 60_000 }).toBeGreaterThan(known);
    await host.admin.post(`runs/${stage.run.runId}/stop`);
    await Promise.all(stage.devices.map(({ ended }) => ended));
    await expectModelsOfAcceptedUpdates(stage);
    await closeStage(stage);
  });
});
