import { describe, expect, it } from 'vitest';
import { finish, gather, gatherForMany, playScene } from './secagg-scene.ts';

describe('a secure sum', () => {
  it('[S-4] is the sum of the inputs, exactly', async () => {
    const outcome = await playScene({ n: 5 });
    expect(outcome).toMatchObject({ kind: 'summed', refusals: new Map(), blamed: new Map() });
    if (outcome.kind !== 'summed') return;
    expect(outcome.sums).toEqual(outcome.plainSums);
  });

  it('is that of the survivors when members leave at different stages', async () => {
    const gathering = await gatherForMany({ n: 9, task: { dropoutFraction: 0.4, adversary: 'semi-honest' } });
    for (const gone of [
      { sharing: [3] },
      { masking: [0] },
      { masking: [8] },
      { sharing: [1], masking: [4], confirming: [5], revealing: [8] },
    ]) {
      const outcome = await finish(gathering, { gone });
      expect(outcome.kind).toBe('summed');
      if (outcome.kind !== 'summed') return;
      expect(outcome.sums).toEqual(outcome.plainSums);
    }
  });

  it('stays hidden below the threshold', async () => {
    const outcome = await finish(await gather({ n: 5 }), { gone: { revealing: [0, 1] } });
    expect(outcome).toMatchObject({ kind: 'abandoned', error: { code: 'secagg-below-threshold' } });
  });
});
