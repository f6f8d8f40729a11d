import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  applyServerOptimiser,
  createAggregator,
  initialOptimiserState,
  initialParameters,
  modelDelta,
  parameterShapes,
  sampleCohort,
} from '@tributary/fl-core';
import { createEngineTrainer, evaluateSync, threadEngines, trainSync } from '@tributary/training/local';
import { describe, expect, it } from 'vitest';
import { measureAloneBaseline } from '../src/demo/alone-baseline.ts';
import { loadDemoRecord, saveDemoRecord } from '../src/demo/demo-record.ts';
import { DEMO_PARTICIPANTS, demoManifest, demoShard, demoValidationSet } from '../src/demo/demo-task.ts';
import { pacedTrainer } from '../src/demo/paced-trainer.ts';

describe('the demo', () => {
  it('passes 90 % together, and nobody alone comes within five points of that', {
    timeout: 60_000,
  }, async () => {
    const together = trainTogether(60);
    expect(together).toBeGreaterThan(0.9);
    expect(await measureAloneBaseline(createEngineTrainer(threadEngines()))).toBeLessThan(together - 0.05);
  });

  it('measures on digits that no participant has', () => {
    const validation = demoValidationSet();
    const firstImage = validation.inputs.subarray(0, 784).join();
    for (let participant = 0; participant < DEMO_PARTICIPANTS; participant += 1) {
      const { training, heldOut } = demoShard(participant);
      for (const set of [training, heldOut]) {
        for (let row = 0; row < set.count; row += 1) {
          expect(set.inputs.subarray(784 * row, 784 * (row + 1)).join()).not.toBe(firstImage);
        }
      }
    }
  });

  it('invites most of those who are present, and waits for all of them, so that a visitor soon has a turn', () => {
    const { reportGoal, overSelection } = demoManifest().rounds;
    expect(overSelection).toBe(1);
    expect(reportGoal / (DEMO_PARTICIPANTS + 1)).toBeGreaterThan(0.7);
  });

  it('keeps the seed of its device secrets where only its owner reads it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-demo-'));
    const first = await loadDemoRecord(folder);
    await saveDemoRecord(folder, { ...first, soloAccuracy: 0.75 });
    expect(await loadDemoRecord(folder)).toEqual({ deviceSeed: first.deviceSeed, soloAccuracy: 0.75 });
    expect((await stat(join(folder, 'demo.json'))).mode & 0o077).toBe(0);
    expect(await readFile(join(folder, 'demo.json'), 'utf8')).toContain(first.deviceSeed);
  });

  it('is paced: the work of a moment ends when a phone would be done, and stops when told', async () => {
    const { model, training, seed } = demoManifest();
    const request = {
      model,
      training,
      seed,
      initial: initialParameters(model, seed),
      examples: demoShard(0).training,
    };
    const trainer = pacedTrainer(createEngineTrainer(threadEngines()), 0.3);
    const fractions: number[] = [];
    const started = performance.now();
    const result = await trainer.train(request, {
      onProgress: ({ examplesDone, examplesTotal }) => fractions.push(examplesDone / examplesTotal),
    });
    expect(performance.now() - started).toBeGreaterThan(280);
    expect(fractions.at(-1)).toBe(1);
    expect(result.parameters.values).toEqual(trainSync(request).parameters.values);

    const controller = new AbortController();
    const stopped = trainer.train(request, { signal: controller.signal });
    controller.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'training-stopped' });
  });
});

/** Federated averaging of the demo's task without network and pace; accuracy on the validation set. */
function trainTogether(rounds: number): number {
  const manifest = demoManifest();
  const { model, training, aggregation } = manifest;
  const shards = Array.from({ length: DEMO_PARTICIPANTS }, (_, index) => demoShard(index).training);
  const everybody = shards.map(
    (_, index) => index.toString().padStart(32, '0') as Parameters<typeof sampleCohort>[0][0],
  );
  let parameters = initialParameters(model, manifest.seed);
  let state = initialOptimiserState(aggregation.serverOptimiser, parameters.values.length);
  for (let roundNumber = 1; roundNumber <= rounds; roundNumber += 1) {
    const aggregator = createAggregator(manifest, parameterShapes(model));
    const count = manifest.rounds.reportGoal;
    for (const clientId of sampleCohort(everybody, { count, seed: `test/${roundNumber}` })) {
      const examples = shards[Number(clientId)]!;
      const seed = `${clientId}/${roundNumber}`;
      const trained = trainSync({ model, initial: parameters, examples, training, seed });
      aggregator.add(modelDelta(trained.parameters, parameters), examples.count);
    }
    const mean = aggregator.mean();
    ({ parameters, state } = applyServerOptimiser(aggregation.serverOptimiser, { parameters, mean, state }));
  }
  return evaluateSync({ model, parameters, examples: demoValidationSet() }).accuracy;
}
