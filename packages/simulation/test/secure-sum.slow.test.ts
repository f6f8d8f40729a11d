/** Simulated runs with secure aggregation that lose members at every stage. */
import { describe, expect, it } from 'vitest';
import { OFF, run, runUntil } from './secure-scenarios.ts';

describe('a simulated run with secure aggregation', () => {
  it('[A-8] makes the same models, bit for bit, as the run whose updates are sent in the clear', async () => {
    const masked = await run();
    const clear = await run({ secureAggregation: OFF });
    expect(masked.result.abandonedRounds).toBe(0);
    expect(masked.rounds.map(({ modelHash }) => modelHash)).toEqual(
      clear.rounds.map(({ modelHash }) => modelHash),
    );
    expect(masked.result.finalAccuracy).toBeGreaterThan(0.6);
  });

  it('gives the same result for the same seed', async () => {
    expect((await run()).result).toEqual((await run()).result);
  });

  describe.each(['sharing', 'masking', 'confirming', 'revealing'] as const)(
    'with members lost before %s',
    (stage) => {
      it('commits every round that enough members are left for, and hangs in none', async () => {
        const { result, rounds } = await run({
          population: { secureSumDropouts: { [stage]: 0.12 }, returnSeconds: 5 },
          rounds: { comeBackSeconds: 5 },
        });
        expect(result.rounds).toBe(4);
        expect(result.dropouts).toBeGreaterThan(0);
        const committed = rounds.filter(({ outcome }) => outcome === 'committed');
        // Who is lost before its masked update arrives is not in the sum; who is lost later is.
        const isEarly = stage === 'sharing' || stage === 'masking';
        expect(committed.some(({ survivors }) => survivors < 8)).toBe(isEarly);
      });

      it('gives up a round in which nobody is left, and goes on', async () => {
        const { rounds, stopped } = await runUntil(3, { population: { secureSumDropouts: { [stage]: 1 } } });
        expect(stopped).toBe(true);
        expect(rounds.map(({ outcome }) => outcome)).toEqual(['abandoned', 'abandoned', 'abandoned']);
      });
    },
  );
});
