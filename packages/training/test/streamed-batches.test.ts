import type { ExampleSet, ExampleStream } from '@tributary/fl-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examplesOfRound } from '../src/batch-order.ts';
import { createEchoGauge } from '../src/streaming/echo-gauge.ts';
import { readAhead } from '../src/streaming/read-ahead.ts';
import { streamedBatches } from '../src/streaming/streamed-batches.ts';
import { localTraining } from './small-problems.ts';

/** Example i holds [i, -i] and has label i: whoever meets it knows which one it is. */
function numbered(
  portionSizes: readonly number[],
  beforeReading: (portion: number) => Promise<void>,
): ExampleStream {
  const count = portionSizes.reduce((sum, size) => sum + size, 0);
  return {
    count,
    inputShape: [2],
    labelsPerExample: 1,
    portionSizes,
    async read(portion) {
      await beforeReading(portion);
      const first = portionSizes.slice(0, portion).reduce((sum, size) => sum + size, 0);
      const ids = Array.from({ length: portionSizes[portion]! }, (_, place) => first + place);
      return {
        count: ids.length,
        inputShape: [2],
        inputs: Float32Array.from(ids.flatMap((id) => [id, -id])),
        labelsPerExample: 1,
        labels: Int32Array.from(ids),
      };
    },
  };
}

const atOnce = async (): Promise<void> => {};
const later = (seed: number) => (portion: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, (portion * 7 + seed) % 4));

type Training = Parameters<typeof localTraining>[0];
async function batchesOfEpoch(
  stream: ExampleStream,
  training: Training = {},
  epoch = 0,
): Promise<ExampleSet[]> {
  const reading = streamedBatches(stream, localTraining(training), 'seed').epoch(epoch);
  const batches: ExampleSet[] = [];
  for (let batch = await reading.next(); batch !== null; batch = await reading.next()) batches.push(batch);
  return batches;
}
const idsOf = (batches: readonly ExampleSet[]): number[] => batches.flatMap(({ labels }) => [...labels]);
const ascending = (ids: Iterable<number>): number[] => [...ids].sort((a, b) => a - b);

describe('batches of examples that are read while they train', () => {
  it('hold each example of the round once per epoch, whole, and only the last batch is smaller', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 25 }),
        fc.integer({ min: 1, max: 200 }),
        async (portionSizes, batchSize, maximumExamples) => {
          const stream = numbered(portionSizes, atOnce);
          const training = localTraining({ batchSize, maximumExamples });
          const batches = await batchesOfEpoch(stream, training);
          const used = examplesOfRound(stream.count, training, 'seed');
          expect(ascending(idsOf(batches))).toEqual(ascending(used));
          expect(batches.slice(0, -1).every(({ count }) => count === batchSize)).toBe(true);
          for (const { inputs, labels } of batches)
            expect([...inputs]).toEqual([...labels].flatMap((id) => [id, id === 0 ? -0 : -id]));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are the same however fast the reading is, and others in another epoch', async () => {
    const sizes = [30, 7, 50, 20, 11];
    const fast = idsOf(await batchesOfEpoch(numbered(sizes, atOnce)));
    expect(idsOf(await batchesOfEpoch(numbered(sizes, later(1))))).toEqual(fast);
    expect(idsOf(await batchesOfEpoch(numbered(sizes, later(3))))).toEqual(fast);
    expect(idsOf(await batchesOfEpoch(numbered(sizes, atOnce), {}, 1))).not.toEqual(fast);
    expect(fast).not.toEqual(ascending(fast));
  });

  it('stop with the error of a portion that cannot be read, in its turn', async () => {
    const stream = numbered([4, 4, 4], (portion) =>
      portion === 1 ? Promise.reject(new Error('unreadable')) : Promise.resolve(),
    );
    await expect(batchesOfEpoch(stream, { batchSize: 4 })).rejects.toThrow('unreadable');
  });
});

/** Time that passes only where somebody sleeps. */
function virtualTime() {
  let now = 0;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    sleep: (ms: number) => new Promise<void>((wake) => sleepers.push({ at: now + ms, wake })),
    /** Wakes one sleeper after another until the work is done. */
    async run(work: Promise<unknown>): Promise<number> {
      let isDone = false;
      const settled = work.finally(() => {
        isDone = true;
      });
      while (!isDone) {
        await new Promise((resolve) => setImmediate(resolve));
        sleepers.sort((a, b) => a.at - b.at);
        const next = sleepers.shift();
        if (next) {
          now = next.at;
          next.wake();
        }
      }
      await settled;
      return now;
    },
  };
}

/** Virtual milliseconds of an epoch of 20 portions of 100 examples, and how often examples trained. */
async function epochWith(costs: { readMs: number; trainMs: number; maximumFactor?: number }) {
  const { readMs, trainMs, maximumFactor } = costs;
  const time = virtualTime();
  const stream = numbered(
    Array.from({ length: 20 }, () => 100),
    () => time.sleep(100 * readMs),
  );
  const training = localTraining({
    batchSize: 100,
    ...(maximumFactor && { dataEchoing: { maximumFactor } }),
  });
  const batches = streamedBatches(stream, training, 'seed', time.now);
  let trained = 0;
  const ms = await time.run(
    (async () => {
      const epoch = batches.epoch(0);
      for (let batch = await epoch.next(); batch !== null; batch = await epoch.next()) {
        trained += batch.count;
        await time.sleep(trainMs * batch.count);
      }
    })(),
  );
  return { ms, trained, meanEcho: batches.meanEcho };
}

describe('reading beside training', () => {
  it.each([
    { readMs: 1, trainMs: 1 },
    { readMs: 4, trainMs: 1 },
    { readMs: 1, trainMs: 3 },
  ])(
    'hides at least nine tenths of the shorter of the two: $readMs ms and $trainMs ms an example',
    async (costs) => {
      const { ms, trained } = await epochWith(costs);
      const inTurns = 2000 * (costs.readMs + costs.trainMs);
      const shorter = 2000 * Math.min(costs.readMs, costs.trainMs);
      expect(trained).toBe(2000);
      expect(inTurns - ms).toBeGreaterThanOrEqual(0.9 * shorter);
    },
  );

  it('repeats examples as often as reading is slower, within the plan, and says how often', async () => {
    const slow = await epochWith({ readMs: 4, trainMs: 1, maximumFactor: 8 });
    const plain = await epochWith({ readMs: 4, trainMs: 1 });
    // The first portions come before anything has been measured.
    expect(slow.meanEcho).toBeGreaterThan(3);
    expect(slow.trained / 2000).toBeCloseTo(slow.meanEcho, 10);
    // As many steps for nearly the same time.
    expect(slow.trained / slow.ms).toBeGreaterThan(2.5 * (plain.trained / plain.ms));
    expect((await epochWith({ readMs: 4, trainMs: 1, maximumFactor: 2 })).meanEcho).toBeLessThanOrEqual(2);
    expect((await epochWith({ readMs: 1, trainMs: 3, maximumFactor: 8 })).meanEcho).toBe(1);
    expect(plain.meanEcho).toBe(1);
  });

  it('repeats nothing because a thread that trains hears late of what was read meanwhile', async () => {
    let now = 0;
    const portions = numbered(
      Array.from({ length: 20 }, () => 10),
      async () => {
        await new Promise((resolve) => setImmediate(resolve));
        now += 5;
      },
    );
    const stream: ExampleStream = {
      ...portions,
      read: async (portion) => ({ ...(await portions.read(portion)), readMs: 5 }),
    };
    const training = localTraining({ batchSize: 10, dataEchoing: { maximumFactor: 8 } });
    const batches = streamedBatches(stream, training, 'seed', () => now);
    const epoch = batches.epoch(0);
    for (let batch = await epoch.next(); batch !== null; batch = await epoch.next()) {
      // Computes without a look at the event loop.
      now += 100;
    }
    expect(batches.meanEcho).toBe(1);
  });

  it('measures nothing from a clock that does not move', () => {
    const gauge = createEchoGauge(8);
    gauge.hasRead({ ms: 0, examples: 10 });
    gauge.hasTrained({ ms: 0, examples: 10 });
    expect(gauge.factor()).toBe(1);
    gauge.hasRead({ ms: 10, examples: 10 });
    expect(gauge.factor()).toBe(1);
  });

  it('never reads further ahead than asked, nor two at once, and ends when stopped', async () => {
    const begun: number[] = [];
    let isReading = false;
    const reading = readAhead(
      10,
      async (index) => {
        expect(isReading).toBe(false);
        isReading = true;
        begun.push(index);
        await new Promise((resolve) => setImmediate(resolve));
        isReading = false;
        return index;
      },
      2,
    );
    expect(await reading.next()).toBe(0);
    expect(await reading.next()).toBe(1);
    expect(begun.length).toBeLessThanOrEqual(4);
    reading.stop();
    expect([await reading.next(), await reading.next(), await reading.next()]).toEqual([2, null, null]);
  });

  it('begins nothing that was only waiting for its turn when it was stopped', async () => {
    const begun: number[] = [];
    let finish = (): void => {};
    const reading = readAhead(
      3,
      (index) => {
        begun.push(index);
        return new Promise<void>((resolve) => {
          finish = resolve;
        });
      },
      2,
    );
    await Promise.resolve();
    reading.stop();
    finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toEqual([0]);
  });
});
