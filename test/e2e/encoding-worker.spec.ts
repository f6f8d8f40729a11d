/** An update of almost two million parameters is coded beside the page, which goes on answering. */
import type { Page } from '@playwright/test';
import type { TaskManifestInput } from '@tributary/fl-core';
import { loadDigits, writeShard } from './fixtures/digit-files.ts';
import { expect, test } from './fixtures/index.ts';

const EXAMPLES = 20;

const MANIFEST: TaskManifestInput = {
  manifestVersion: 1,
  name: 'Coded beside the page',
  seed: 'encoding-worker',
  model: { kind: 'mlp', inputSize: 784, hidden: [1000, 1000], classes: 10 },
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.01 }, epochs: 1, batchSize: 10 },
  rounds: { committedRounds: 1, reportGoal: 1, overSelection: 1, minimumSurvivors: 1, selectionSeconds: 1 },
  aggregation: { serverOptimiser: { kind: 'sgd' }, maximumWeight: EXAMPLES },
};
/** In milliseconds, with room for a machine that is busy with other things. */
const LONGEST_TASK = 1000;

const CODES: readonly NonNullable<TaskManifestInput['compression']>[] = [
  { codec: 'tuned', ringBits: 8, firstNorm: 0.1, rotation: 'blocks', feedback: { mode: 'on' } },
  { codec: 'eden', bits: 2 },
];

for (const compression of CODES) {
  test(`a code of ${compression.codec} is computed in a worker that is gone afterwards`, async ({
    coordinator,
    joinRun,
  }) => {
    const { runId } = await coordinator.createRun({ ...MANIFEST, compression });
    const { page, takePart, phase } = await joinRun(runId, { name: 'tab', backend: 'plain' });
    const coding = watchCoding(page);
    await watchTasks(page);
    await takePart(await writeShard(loadDigits(), { start: 0, count: EXAMPLES }));
    await coordinator.steer(runId, 'launch');
    await expect.poll(phase, { timeout: 60_000 }).toBe('ended');
    expect((await coordinator.detail(runId)).rounds[0]).toMatchObject({ outcome: 'committed', accepted: 1 });

    expect(coding.opened()).toBe(1);
    expect(coding.open()).toBe(0);
    const longest = Math.max(0, ...(await tasksSinceCoding(page)));
    test.info().annotations.push({ type: 'longest task', description: `${longest} ms` });
    expect(longest).toBeLessThan(LONGEST_TASK);
  });
}

function watchCoding(page: Page): { opened(): number; open(): number } {
  let [opened, open] = [0, 0];
  page.on('worker', (worker) => {
    if (!worker.url().includes('encoding.worker')) return;
    opened += 1;
    open += 1;
    worker.on('close', () => {
      open -= 1;
    });
  });
  return { opened: () => opened, open: () => open };
}

/** Those over 50 ms, as browsers count them. */
function watchTasks(page: Page): Promise<void> {
  return page.evaluate(() => {
    const tasks: PerformanceEntry[] = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: 'longtask' });
    Object.assign(globalThis, { longTasks: tasks });
  });
}

/** From the moment that the worker is asked for: coding, what comes back, hashing, and the upload. */
function tasksSinceCoding(page: Page): Promise<readonly number[]> {
  return page.evaluate(() => {
    const { longTasks } = globalThis as unknown as { longTasks: readonly PerformanceEntry[] };
    const worker = performance
      .getEntriesByType('resource')
      .find(({ name }) => name.includes('encoding.worker'));
    return longTasks
      .filter(({ startTime, duration }) => startTime + duration > (worker?.startTime ?? 0))
      .map(({ duration }) => duration);
  });
}
