/** Simulated runs with secure aggregation: the real machines, sessions and frames on both sides. */
import { describe, expect, it } from 'vitest';
import { OFF, run } from './secure-scenarios.ts';

describe('a simulated run with secure aggregation', () => {
  it('[A-8] makes the same models, bit for bit, as the run whose updates are sent in the clear', async () => {
    const changes = { rounds: { reportGoal: 5, minimumSurvivors: 4 }, top: { maximumRounds: 2 } };
    const masked = await run(changes);
    const clear = await run({ ...changes, secureAggregation: OFF });
    expect(masked.result.abandonedRounds).toBe(0);
    expect(masked.rounds.map(({ modelHash }) => modelHash)).toEqual(
      clear.rounds.map(({ modelHash }) => modelHash),
    );
    expect(masked.result.bytesUp).toBeGreaterThan(clear.result.bytesUp);
  });
});
