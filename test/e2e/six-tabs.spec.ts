/**
 * Six people with WebGPU train one model on digits that they import through the page. One tab is killed, one
 * reloads, one comes late; the model learns, nothing private leaves, and every byte that left is in the ledger.
 */
import { readFile } from 'node:fs/promises';
import type { TaskManifestInput } from '@tributary/fl-core';
import { loadDigits, writeShard } from './fixtures/digit-files.ts';
import { expect, test } from './fixtures/index.ts';
import type { ParticipantTab } from './fixtures/participant-tab.ts';

const ROUNDS = 8;
const SHARD = 120;
const CANARY = 'canary-8e1f4c7b-never-leaves-the-tab';

const MANIFEST: TaskManifestInput = {
  manifestVersion: 1,
  name: 'Six tabs',
  seed: 'six-tabs',
  model: { kind: 'softmax-regression', inputSize: 784, classes: 10 },
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 3, batchSize: 16 },
  rounds: {
    committedRounds: ROUNDS,
    reportGoal: 4,
    overSelection: 1.25,
    minimumSurvivors: 2,
    selectionSeconds: 5,
    trainingSeconds: 60,
    reportingSeconds: 20,
    // A page that reloads on a busy machine takes its time.
    rejoinSeconds: 15,
    comeBackSeconds: 5,
  },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
};

test('six tabs on WebGPU: one killed, one reloaded, one late; the model learns and nothing private leaves', async ({
  coordinator,
  joinRun,
}) => {
  test.setTimeout(600_000);
  const digits = loadDigits();
  const { runId } = await coordinator.createRun(MANIFEST);
  const newcomer = async (index: number): Promise<ParticipantTab> => {
    const tab = await joinRun(runId, { name: `tab ${index}`, backend: 'webgpu' });
    const shard = { start: index * SHARD, count: SHARD, canary: `${CANARY}-${index}` };
    const files = await writeShard(digits, shard);
    const planted = Buffer.concat(await Promise.all(files.map((file) => readFile(file))));
    expect(planted.includes(CANARY), 'the canary is in what is imported').toBe(true);
    await tab.takePart(files);
    return tab;
  };
  const early: ParticipantTab[] = [];
  for (let index = 0; index < 5; index += 1) early.push(await newcomer(index));
  await coordinator.steer(runId, 'launch');

  const [killed, reloaded] = early as [ParticipantTab, ParticipantTab];
  await expect.poll(() => killed.phase(), { timeout: 60_000, intervals: [100] }).toBe('training');
  await killed.kill();

  await expect.poll(() => reloaded.phase(), { timeout: 60_000, intervals: [50] }).toBe('training');
  const roundAtReload = (await coordinator.detail(runId)).summary.roundNumber;
  const sentBefore = reloaded.proxy.payloads().length;
  await reloaded.page.reload();
  const readyRounds = () =>
    reloaded.proxy
      .payloads()
      .slice(sentBefore)
      .flatMap((payload) => /"type":"ready","roundNumber":(\d+)/.exec(payload.toString('latin1'))?.[1] ?? []);
  await expect
    .poll(() => readyRounds()[0], { timeout: 120_000, message: 'the reloaded tab goes on in its round' })
    .toBe(`${roundAtReload}`);

  const late = await newcomer(5);
  const survivors = [...early.slice(1), late];
  await expect
    .poll(async () => (await coordinator.detail(runId)).summary.status, {
      timeout: 400_000,
      intervals: [1000],
      message: 'the run completes: no round hangs',
    })
    .toBe('completed');

  for (const tab of survivors) {
    await expect(tab.page.getByTestId('participant-status')).toHaveAttribute('data-phase', 'ended');
    const backend = await tab.backend();
    expect(backend.name, `${tab.name} trained on WebGPU`).toBe('webgpu');
    expect(backend.adapter).toContain('swiftshader');
  }
  expect(await late.contributions(), 'the late tab is in a sum').toBeGreaterThan(0);
  expect(await reloaded.contributions(), 'the reloaded tab is in a sum').toBeGreaterThan(0);

  const detail = await coordinator.detail(runId);
  const committed = detail.rounds.filter((round) => round.outcome === 'committed');
  expect(committed).toHaveLength(ROUNDS);

  // A round's figure is measured by participants on what they hold back, on the model that the round starts from.
  const accuracies = committed.map((round) => round.participantAccuracy ?? Number.NaN);
  test
    .info()
    .annotations.push({ type: 'accuracy', description: accuracies.map((a) => a.toFixed(2)).join(' ') });
  expect(accuracies.at(-1)! - accuracies[0]!).toBeGreaterThanOrEqual(0.3);

  for (const tab of survivors) {
    const counted = () => tab.proxy.payloads().reduce((sum, payload) => sum + payload.length, 0);
    await expect
      .poll(async () => (await tab.ledgerBytes()) - counted(), {
        message: `${tab.name}: the ledger is the traffic`,
      })
      .toBe(0);
    expect(counted()).toBeGreaterThan(30_000);
  }

  await coordinator.stop();
  const places = [
    ...survivors.flatMap((tab) => [
      { name: `${tab.name} traffic`, content: tab.proxy.raw() },
      { name: `${tab.name} payloads`, content: Buffer.concat(tab.proxy.payloads()) },
    ]),
    ...(await coordinator.files()),
    { name: 'log', content: Buffer.from(coordinator.output()) },
  ];
  for (const { name, content } of places) {
    for (const trace of tracesOf(CANARY)) {
      expect(content.includes(trace), `${name} holds private data`).toBe(false);
    }
  }
});

/** The forms in which private bytes could travel: as they are, as text, and as the pixels that training sees. */
function tracesOf(canary: string): Buffer[] {
  const bytes = Buffer.from(canary, 'latin1');
  const pixels = Buffer.from(Float32Array.from(bytes, (byte) => byte / 255).buffer);
  // Base64 depends on where the bytes fall in a group of three; the inner part of each alignment is looked for.
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.from(
      Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64')
        .slice(4, -4),
      'latin1',
    ),
  );
  return [bytes, Buffer.from(bytes.toString('hex')), pixels, ...base64, Buffer.from([...bytes].join(','))];
}
