/** Whole runs whose updates are sampled, rotated, dithered and tuned: masked and clear, learning as they should. */
import type { TaskManifestInput } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { type Changes, OFF, run, runUntil } from './secure-scenarios.ts';

type Compression = NonNullable<TaskManifestInput['compression']>;
const TUNED = { codec: 'tuned', ringBits: 10, rotation: 'blocks' } as const;
const FORMS: readonly (readonly [string, Compression])[] = [
  ['dithered', { codec: 'quantised', valueBits: 8, rounding: 'dithered' }],
  [
    'rotated and sampled',
    { codec: 'quantised', sampling: { kind: 'random-k', fraction: 0.5 }, rotation: 'full' },
  ],
  ['tuned', TUNED],
  ['tuned and dithered', { ...TUNED, rounding: 'dithered' }],
  ['tuned, of low rank', { ...TUNED, sampling: { kind: 'low-rank', rank: 2 } }],
  [
    'tuned, sampled, with feedback',
    { ...TUNED, sampling: { kind: 'random-k', fraction: 0.5 }, feedback: { mode: 'on' } },
  ],
  [
    'tuned, some neurons, dithered, with feedback',
    {
      ...TUNED,
      ...{ sampling: { kind: 'neurons', fraction: 0.5 }, rounding: 'dithered', feedback: { mode: 'on' } },
    },
  ],
];
const FEW: Changes = { rounds: { reportGoal: 5, minimumSurvivors: 4 }, top: { maximumRounds: 3 } };

describe('a run with coded sums', () => {
  it.each(FORMS)('[A-8] makes the same models masked and clear: %s', async (_, compression) => {
    const masked = await run({ ...FEW, compression });
    const clear = await run({ ...FEW, compression, secureAggregation: OFF });
    expect(masked.result.rounds).toBe(3);
    expect(masked.rounds.map(({ modelHash }) => modelHash)).toEqual(
      clear.rounds.map(({ modelHash }) => modelHash),
    );
    expect(masked.result.bytesUp).toBeGreaterThan(clear.result.bytesUp);
  });

  it.each(FORMS)('learns about as well as one of floats: %s', async (_, compression) => {
    const top = { maximumRounds: 12 };
    const coded = await run({ top, compression, secureAggregation: OFF });
    const floats = await run({ top, compression: { codec: 'float32' }, secureAggregation: OFF });
    expect(coded.result.finalAccuracy).toBeGreaterThan(floats.result.finalAccuracy! - 0.1);
  });

  it('[C-7] finds its step when it was told nonsense: too small a norm, or too large a weight', async () => {
    const rounds = { reportGoal: 8 };
    const small = await run({
      ...{ rounds, secureAggregation: OFF, top: { maximumRounds: 6 } },
      compression: { ...TUNED, firstNorm: 1e-4 },
    });
    const large = await run({
      ...{ rounds, secureAggregation: OFF, top: { maximumRounds: 6 } },
      compression: { ...TUNED, firstNorm: 1e5 },
    });
    for (const { result } of [small, large]) {
      expect(result.rounds).toBe(6);
      expect(result.abandonedRounds).toBeGreaterThan(0);
      expect(result.abandonedRounds).toBeLessThan(12);
      expect(result.finalAccuracy).toBeGreaterThan(0.6);
    }
  });

  it('[C-7] finds its step in the widest ring, too, where no value of the first round fits into 32 bits', async () => {
    const { rounds } = await runUntil(10, {
      ...{ rounds: { reportGoal: 8 }, secureAggregation: OFF, top: { maximumRounds: 10 } },
      compression: { ...TUNED, ringBits: 32, firstNorm: 1e-4 },
    });
    expect(rounds.filter(({ outcome }) => outcome === 'committed').length).toBeGreaterThan(4);
  });

  it('counts all that goes up: frames, keys, sealed shares, signatures and revealed shares', async () => {
    const compression: Compression = { codec: 'quantised', valueBits: 12 };
    const rounds = { reportGoal: 5, minimumSurvivors: 5 };
    const top = { maximumRounds: 2 };
    const masked = await run({ compression, rounds, top });
    const clear = await run({ compression, rounds, top, secureAggregation: OFF });
    const invited = masked.rounds.reduce((sum, round) => sum + round.invited, 0);
    // For each of the four others: sealed shares and commitments, then one revealed share, with its dealer; see protocol.md.
    const sealed = 4 * 112;
    const extra = (masked.result.bytesUp - clear.result.bytesUp) / invited;
    expect(extra).toBeGreaterThan(160 + sealed + 64);
    expect(extra).toBeLessThan(160 + sealed + 64 + 5 * 48);
  });
});
