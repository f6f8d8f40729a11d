import { describe, expect, it } from 'vitest';
import { seededBytes } from '../seeded-bytes.ts';
import { lightTask, masking, plainSum, randomInputs, sharing, unmasking } from './parties.ts';
import { below, chooseFrom, subsets } from './subsets.ts';

const everybody = (n: number): number[] => Array.from({ length: n }, (_, index) => index);

describe('the sum of LightSecAgg', () => {
  it('is the plain sum whoever is lost before sharing, before the input, and before the answer', async () => {
    const n = 6;
    const task = lightTask({ corruptFraction: 0.1, dropoutFraction: 0.5 });
    const parties = await sharing(task, n, 'stages');
    const inputs = randomInputs(task, n, 'stages');
    for (const sharers of [3, 4, 5, 6].flatMap((size) => subsets(n, size))) {
      const all = await masking(parties, { sharers, inputs });
      for (const places of [3, 4, 5, 6].flatMap((size) => subsets(sharers.length, size))) {
        const survivors = places.map((place) => sharers[place]!);
        for (const answering of subsets(survivors.length, 3)) {
          const answers = answering.map((place) => survivors[place]!);
          expect(unmasking(all, { survivors, answering: answers })).toEqual(plainSum(all.inputs, survivors));
        }
      }
    }
  }, 60_000);

  it('is the plain sum for 1,000 random sets of drop-outs among 64', async () => {
    const n = 64;
    const task = lightTask({ length: 40, corruptFraction: 0.5, dropoutFraction: 0.3 });
    const inputs = randomInputs(task, n, 'sixty-four');
    const all = await masking(await sharing(task, n, 'sixty-four'), { sharers: everybody(n), inputs });
    const { recovery } = all.session.code;
    const random = seededBytes('drop-outs among 64');
    for (let pattern = 0; pattern < 1_000; pattern += 1) {
      const survivors = chooseFrom(n, recovery + below(n - recovery + 1, random), random);
      const answering = chooseFrom(survivors.length, recovery, random).map((place) => survivors[place]!);
      expect(unmasking(all, { survivors, answering })).toEqual(plainSum(all.inputs, survivors));
    }
  }, 120_000);
});
