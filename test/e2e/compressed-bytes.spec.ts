/**
 * Five people with a secure sum of four bits a parameter, and models on a grid: what really passes between tab and coordinator
 * is what the tab's ledger says, what the simulator counts, and less than half a byte for each parameter of the model.
 */
import type { TaskManifestInput } from '@tributary/fl-core';
import { generateDigits, imageExamples, parseScenario, simulate } from '@tributary/simulation';
import { createEngineTrainer, threadEngines } from '@tributary/training/local';
import { openNodeCrypto } from '../../apps/coordinator/src/secure-sum/node-crypto.ts';
import { loadDigits, writeShard } from './fixtures/digit-files.ts';
import { expect, test } from './fixtures/index.ts';
import type { ParticipantTab } from './fixtures/participant-tab.ts';

const PEOPLE = 5;
const ROUNDS = 5;
const EXAMPLES = 60;
/** McMahan's 2NN. */
const PARAMETERS = 199_210;
/**
 * Of one update, beyond bytes that the simulator counts: the JSON around them and of the messages that have none, socket.io's
 * and WebSocket's framing of both, headers of the upload and of requests, acknowledgements, and heartbeats while it waits.
 */
const OVERHEAD = 6000;
/** Of one download, with all that the coordinator tells in a round. */
const OVERHEAD_DOWN = 10_000;

const TASK = {
  model: { kind: 'mlp', inputSize: 784, hidden: [200, 200], classes: 10 },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
  rounds: {
    reportGoal: PEOPLE,
    overSelection: 1,
    minimumSurvivors: PEOPLE,
    selectionSeconds: 20,
    trainingSeconds: 120,
    reportingSeconds: 60,
    rejoinSeconds: 20,
    comeBackSeconds: 1,
  },
  aggregation: { serverOptimiser: { kind: 'sgd' }, maximumWeight: EXAMPLES },
  compression: {
    codec: 'tuned',
    ringBits: 4,
    wrapProbability: 1e-3,
    sampling: { kind: 'random-k', fraction: 0.95 },
    rotation: 'blocks',
    rounding: 'dithered',
  },
  secureAggregation: { mode: 'sa-1', corruptFraction: 0, dropoutFraction: 0.16, stageSeconds: 60 },
  downlink: { codec: 'grid', bits: 6 },
} satisfies Partial<Omit<TaskManifestInput, 'rounds'>> & {
  readonly rounds: Omit<TaskManifestInput['rounds'], 'committedRounds'>;
};

const MANIFEST: TaskManifestInput = {
  ...TASK,
  manifestVersion: 1,
  name: 'Few bytes',
  seed: 'few-bytes',
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  rounds: { ...TASK.rounds, committedRounds: ROUNDS },
};

test('a masked update is under half a byte a parameter on the network, as the ledger and the simulator say', async ({
  coordinator,
  joinRun,
}) => {
  test.setTimeout(600_000);
  const digits = loadDigits();
  const { runId } = await coordinator.createRun(MANIFEST);
  const tabs: ParticipantTab[] = [];
  for (let index = 0; index < PEOPLE; index += 1) {
    const tab = await joinRun(runId, { name: `tab ${index}`, backend: 'plain' });
    await tab.page.getByTestId('smallest-group').selectOption(String(PEOPLE));
    await tab.takePart(await writeShard(digits, { start: index * EXAMPLES, count: EXAMPLES }));
    tabs.push(tab);
  }
  const summary = async () => (await coordinator.detail(runId)).summary;
  const status = async () => (await summary()).status;
  await coordinator.steer(runId, 'launch');
  const committed = async () => (await summary()).committedRounds;
  await expect
    .poll(committed, {
      timeout: 240_000,
      intervals: [200],
      message: 'a first round, which loads what trains',
    })
    .toBeGreaterThan(0);
  await coordinator.steer(runId, 'pause');
  await expect.poll(status, { timeout: 240_000, message: 'no other begins' }).toBe('paused');
  const before = await committed();
  const first = tabs.map(({ proxy }) => ({ sent: proxy.raw().length, received: proxy.receivedBytes() }));
  await coordinator.steer(runId, 'resume');
  await expect.poll(status, { timeout: 480_000 }).toBe('completed');
  for (const tab of tabs) await expect.poll(() => tab.phase(), { timeout: 30_000 }).toBe('ended');

  const simulated = await simulatedUpload();
  for (const [index, tab] of tabs.entries()) {
    const payloads = () => tab.proxy.payloads().reduce((sum, payload) => sum + payload.length, 0);
    await expect
      .poll(async () => (await tab.ledgerBytes()) - payloads(), {
        message: `${tab.name}: the ledger is the traffic`,
      })
      .toBe(0);
    expect(await tab.contributions(), `${tab.name} is in the sums`).toBe(ROUNDS);
    const updates = ROUNDS - before;
    const sent = (tab.proxy.raw().length - first[index]!.sent) / updates;
    const received = (tab.proxy.receivedBytes() - first[index]!.received) / updates;
    test.info().annotations.push({
      type: tab.name,
      description: `for an update ${Math.round(sent)} bytes up, ${Math.round(simulated)} simulated, and ${Math.round(received)} down`,
    });
    expect(sent, `${tab.name}: no less than what the simulator counts`).toBeGreaterThan(simulated);
    expect(sent, `${tab.name}: hardly more`).toBeLessThan(simulated + OVERHEAD);
    expect(sent, `${tab.name}: up`).toBeLessThan(0.5 * PARAMETERS + OVERHEAD);
    expect(received, `${tab.name}: down`).toBeLessThan(1.0 * PARAMETERS + OVERHEAD_DOWN);
  }
});

/** Bytes of an update, in a run of the same plan. */
async function simulatedUpload(): Promise<number> {
  const scenario = parseScenario({
    name: MANIFEST.name,
    seed: MANIFEST.seed,
    dataset: { kind: 'generated-digits', examples: PEOPLE * EXAMPLES, validationExamples: 10 },
    population: { participants: PEOPLE, partition: { kind: 'iid' } },
    task: TASK,
    maximumRounds: ROUNDS,
    evaluateEvery: ROUNDS,
  });
  const draw = (use: string, count: number) => imageExamples(generateDigits({ seed: use, count }));
  let updates = 0;
  const result = await simulate(scenario, {
    trainer: createEngineTrainer(threadEngines()),
    dataset: { train: draw('train', PEOPLE * EXAMPLES), validation: draw('validation', 10) },
    crypto: openNodeCrypto(),
    onRound: ({ survivors }) => {
      updates += survivors;
    },
  });
  return result.bytesUp / updates;
}
