/** Rests on a clock of our own. */
import { initialParameters } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { createEngineTrainer } from '../src/local-training/engine-trainer.ts';
import type { EngineKind } from '../src/network/engine-kind.ts';
import { createReferenceEngine, referenceEngines } from '../src/reference/reference-engine.ts';
import { createWorkLimit } from '../src/work-limit.ts';
import { createWorkRests, type Pauses } from '../src/work-rests.ts';
import { clouds, localTraining, MLP } from './small-problems.ts';

/** Its timers wake `late` milliseconds late. */
function fakePauses(late = 0) {
  let time = 0;
  const sleepers = new Set<() => void>();
  const pauses: Pauses = {
    now: () => time,
    sleep: (ms, wakenBy) =>
      new Promise((resolve) => {
        const until = time + ms + late;
        const wake = () => {
          takeBack();
          sleepers.delete(wokenInTime);
          resolve();
        };
        const wokenInTime = () => {
          time = Math.max(time, until);
          wake();
        };
        sleepers.add(wokenInTime);
        const takeBack = wakenBy(wake);
      }),
  };
  return {
    pauses,
    work: (ms: number) => {
      time += ms;
    },
    /** Lets the sleeper sleep on to its end. */
    async sleepOut(resting: Promise<void>) {
      let isDone = false;
      void resting.then(() => {
        isDone = true;
      });
      for (let turn = 0; turn < 100 && !isDone; turn += 1) {
        for (const wake of [...sleepers]) wake();
        await Promise.resolve();
      }
      return resting;
    },
    time: () => time,
  };
}

describe('a work limit', () => {
  it.each([1, 0.5, 0.25, 0.1])('of %d keeps work over work and rest there', async (dutyCycle) => {
    for (const late of [0, 7]) {
      const clock = fakePauses(late);
      const rests = createWorkRests(createWorkLimit(dutyCycle), undefined, clock.pauses);
      let busy = 0;
      for (const ms of [100, 130, 101, 900, 100, 250, 100, 100, 100, 100]) {
        clock.work(ms);
        busy += ms;
        await clock.sleepOut(rests.restAfter(ms));
      }
      const share = busy / clock.time();
      expect(share).toBeLessThanOrEqual(dutyCycle + 1e-9);
      // No later than one timer was.
      expect(busy / (clock.time() - (dutyCycle < 1 ? late : 0))).toBeCloseTo(dutyCycle, 9);
    }
  });

  it('counts at once when it changes during a rest', async () => {
    const clock = fakePauses();
    const limit = createWorkLimit(0.25);
    const rests = createWorkRests(limit, undefined, clock.pauses);
    clock.work(100);
    const resting = rests.restAfter(100);
    // A third of the rest of 300 ms is over.
    clock.work(100);
    limit.set(0.5);
    await resting;
    expect(clock.time()).toBe(200);
  });

  it('a stop ends a rest', async () => {
    const clock = fakePauses();
    const stop = new AbortController();
    const rests = createWorkRests(createWorkLimit(0.01), stop.signal, clock.pauses);
    const resting = rests.restAfter(100);
    stop.abort();
    await resting;
    expect(clock.time()).toBe(0);
  });

  it('forgives no more than a slice of what was rested too long', async () => {
    const clock = fakePauses();
    const rests = createWorkRests(createWorkLimit(0.5), undefined, clock.pauses);
    const night = rests.restAfter(100);
    clock.work(8 * 3600 * 1000);
    await clock.sleepOut(night);
    const morning = clock.time();
    clock.work(300);
    await clock.sleepOut(rests.restAfter(300));
    expect(clock.time() - morning).toBe(300 + 200);
  });

  it.each([1, 0.5, 0.25])('of %d holds for training, and its result is the same', async (dutyCycle) => {
    const request = {
      model: MLP,
      initial: initialParameters(MLP, 'limited'),
      examples: clouds(MLP, 300),
      training: localTraining({ epochs: 4 }),
      seed: 'limited',
    };
    const whole = await createEngineTrainer(referenceEngines).train(request);
    // A batch takes thirty milliseconds; sleeping takes what it takes.
    let busy = 0;
    let rested = 0;
    const counting: EngineKind = {
      ...referenceEngines,
      create(spec) {
        const engine = createReferenceEngine(spec);
        return {
          ...engine,
          step(...args) {
            busy += 30;
            engine.step(...args);
          },
        };
      },
    };
    const pauses: Pauses = {
      now: () => busy + rested,
      async sleep(ms) {
        rested += ms;
      },
    };
    const trainer = createEngineTrainer(counting, { pauses });
    const limited = await trainer.train(request, { workLimit: createWorkLimit(dutyCycle) });
    expect(limited.parameters.values).toEqual(whole.parameters.values);
    expect(busy).toBe(120 * 30);
    // Four batches to a slice, thirty slices.
    expect(rested).toBe(120 * 30 * (1 / dutyCycle - 1));
  });
});
