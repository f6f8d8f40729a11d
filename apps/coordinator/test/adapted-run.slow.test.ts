/** A transformer trained together, then adapted: real participants, a real coordinator, and the engines that a tab has. */
import {
  ALPHABETS,
  adaptedManifest,
  baseShapes,
  frameLength,
  parameterShapes,
  parseManifest,
} from '@tributary/fl-core';
import { createMemoryStorage, createParticipant } from '@tributary/participant';
import { generateText, type Topic, textExamples } from '@tributary/simulation';
import { createEngineTrainer, threadEngines } from '@tributary/training/local';
import { afterEach, expect, it, vi } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import type { RunSupervisor } from '../src/run/run-supervisor.ts';
import { smallTask } from './small-task.ts';

const PATIENCE = { timeout: 100_000, interval: 20 };
const PEOPLE = 2;
const schema = { kind: 'text', alphabet: ALPHABETS['lower-case'], sequenceLength: 16 } as const;
const WHOLE = parseManifest({
  ...smallTask({ committedRounds: 2, reportGoal: PEOPLE, minimumSurvivors: PEOPLE, trainingSeconds: 100 }),
  model: {
    kind: 'char-transformer',
    vocabularySize: ALPHABETS['lower-case'].length,
    sequenceLength: 16,
    width: 16,
    heads: 2,
    blocks: 1,
  },
  data: schema,
  training: { optimiser: { kind: 'adam', learningRate: 0.01 }, epochs: 2, batchSize: 8 },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
});
const text = (seed: string, topic: Topic, characters: number) =>
  textExamples(generateText({ seed, topic, characters }), schema);

let coordinator: Coordinator | undefined;
const people: ReturnType<typeof join>[] = [];
afterEach(async () => {
  for (const person of people.splice(0)) await person.participant.dispose();
  await coordinator?.close();
});

it.each(['both', 'b'] as const)(
  'starts from the finished model, sends adapters alone, and is measured with its base: %s',
  {
    timeout: 240_000,
  },
  async (trains) => {
    const measured: { runId: string; accuracy: number }[] = [];
    coordinator = await startCoordinator({
      dataFolder: null,
      logLevel: 'silent',
      validationSets: async () => text('validation', 'kitchen', 1000),
      onMeasured: (runId, { accuracy }) => measured.push({ runId, accuracy }),
    });
    const storages = Array.from({ length: PEOPLE }, () => createMemoryStorage());

    const whole = await coordinator.createRun(WHOLE);
    await finish(coordinator, whole, { storages, topic: 'water' });

    const manifest = adaptedManifest(WHOLE, {
      ...{ baseModel: whole.state.modelHash, rank: 2, trains, name: 'adapted' },
    });
    const adapted = await coordinator.createRun(manifest);
    await finish(coordinator, adapted, { storages, topic: 'kitchen' });

    const base = frameLength(baseShapes(manifest.model)!);
    const adapters = frameLength(parameterShapes(manifest.model));
    for (const storage of storages) {
      expect((await storage.loadBaseModel(whole.state.modelHash))?.length).toBe(base);
      const uploads = (await storage.readLedger()).filter(({ kind }) => kind === 'upload');
      expect(uploads.map(({ runId, bytes }) => [runId, bytes])).toEqual([
        [whole.runId, base],
        [whole.runId, base],
        [adapted.runId, adapters],
        [adapted.runId, adapters],
      ]);
    }
    const ofRun = ({ runId }: RunSupervisor) => measured.filter((one) => one.runId === runId);
    await vi.waitUntil(() => ofRun(adapted).length === 2, PATIENCE);
    // Devices have new keys each time, hence other orders of examples; B alone may end a little below where it began.
    const least = ofRun(whole).at(-1)!.accuracy - (trains === 'b' ? 0.05 : 0);
    expect(ofRun(adapted).at(-1)!.accuracy).toBeGreaterThan(least);
  },
);

async function finish(
  host: Coordinator,
  run: RunSupervisor,
  { storages, topic }: { storages: readonly ReturnType<typeof createMemoryStorage>[]; topic: Topic },
): Promise<void> {
  await host.steer(run, 'launch');
  const joined = await Promise.all(
    storages.map(async (storage, index) => {
      const person = join(host, run, {
        storage,
        ticket: await host.admissionTicket(run, 1),
        examples: text(`${topic}/${index}`, topic, 2000),
      });
      people.push(person);
      await person.participant.start();
      return person;
    }),
  );
  await vi.waitUntil(() => run.state.committedRounds === 2, PATIENCE);
  await vi.waitUntil(
    () => joined.every(({ participant }) => participant.view.participation.activity.phase === 'ended'),
    PATIENCE,
  );
  expect(joined.flatMap(({ faults }) => faults)).toEqual([]);
  for (const { participant } of joined) await participant.dispose();
}

function join(
  { url }: Coordinator,
  { runId, manifest }: RunSupervisor,
  own: {
    storage: ReturnType<typeof createMemoryStorage>;
    ticket: string;
    examples: ReturnType<typeof textExamples>;
  },
) {
  const { examples, ...rest } = own;
  const participant = createParticipant({
    ...rest,
    coordinatorUrl: url,
    runId,
    manifest,
    trainer: createEngineTrainer(threadEngines()),
    data: {
      exampleCount: async () => examples.count,
      trainingExamples: async () => examples,
      heldOutExamples: async () => null,
    },
  });
  const faults: string[] = [];
  participant.on('error', ({ message }) => void faults.push(message));
  return { participant, faults };
}
