import { describe, expect, it } from 'vitest';
import { PRIME } from '../../src/lightsecagg/field.ts';
import { lightTask, masking, plainSum, randomInputs, sharing, unmasking } from './parties.ts';
import { subsets } from './subsets.ts';

const everybody = (n: number): number[] => Array.from({ length: n }, (_, index) => index);

describe('the sum of LightSecAgg', () => {
  it.each([3, 4, 5, 6, 7, 8])(
    'is the plain sum for every set of drop-outs among %i, or stays hidden',
    async (n) => {
      const task = lightTask();
      const parties = await sharing(task, n, `exact ${n}`);
      const minimum = Math.max(parties.session.code.recovery, task.minimumSurvivors);
      const all = await masking(parties, { sharers: everybody(n), inputs: randomInputs(task, n, 'exact') });
      for (const survivors of everybody(n + 1).flatMap((size) => subsets(n, size))) {
        const unmask = () => unmasking(all, { survivors, answering: survivors });
        if (survivors.length >= minimum) expect(unmask()).toEqual(plainSum(all.inputs, survivors));
        else if (survivors.length > 0) expect(unmask).toThrow(/fewer than|stays hidden/);
      }
    },
  );

  it('is the plain sum of the largest inputs that there may be', async () => {
    const n = 5;
    const bound = Math.floor((PRIME - 1) / 2 / n);
    const parties = await sharing(lightTask({ bound }), n, 'largest');
    for (const value of [bound, -bound]) {
      const inputs = everybody(n).map(() => new Int32Array(parties.session.task.length).fill(value));
      const all = await masking(parties, { sharers: everybody(n), inputs });
      const sum = unmasking(all, { survivors: everybody(n), answering: everybody(n) });
      expect(sum).toEqual(plainSum(inputs, everybody(n)));
    }
  });

  it('has no place in the field when it could be larger, and then there is no session', async () => {
    const bound = Math.floor((PRIME - 1) / 2 / 5) + 1;
    await expect(sharing(lightTask({ bound }), 5, 'too large')).rejects.toMatchObject({
      code: 'secagg-parameters-impossible',
    });
  });

  it('stays hidden when U - 1 answer', async () => {
    const task = lightTask();
    const inputs = randomInputs(task, 6, 'below');
    const all = await masking(await sharing(task, 6, 'below'), { sharers: everybody(6), inputs });
    expect(all.session.code.recovery).toBe(4);
    const unmask = () => unmasking(all, { survivors: everybody(6), answering: [0, 2, 5] });
    expect(unmask).toThrow(expect.objectContaining({ code: 'secagg-below-threshold' }));
  });
});
