/** A tuned run in whose sums nothing is seen: its step is far too large, or there is nothing. */
import { type RunId, roundCode, type SumFacts } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { codesOf, MEMBERS, manifestOf, summed } from './coded-sums-scene.ts';
import { MODEL } from './rounds.ts';
import { TunedRun } from './tuned-run.ts';

const ROUNDINGS = ['stochastic', 'dithered'] as const;
const CASES = ROUNDINGS.flatMap((rounding) =>
  (
    [
      [6, 'blocks'],
      [8, 'full'],
      [16, 'blocks'],
    ] as const
  ).map(([ringBits, rotation]) => ({ rounding, ringBits, rotation })),
);
const ROUNDS = { committedRounds: 1000, reportGoal: MEMBERS.length, overSelection: 1, minimumSurvivors: 3 };

function aRun(form: (typeof CASES)[number], firstNorm: number) {
  const manifest = manifestOf({ codec: 'tuned', firstNorm, ...form }, { rounds: ROUNDS });
  const run = new TunedRun(manifest);
  /** @param scale of the usual updates */
  const round = (scale: number): SumFacts => {
    const { encoding, state } = run;
    const { roundNumber } = state;
    const code = roundCode({ runId: 'run-a' as RunId, roundNumber, modelHash: MODEL, encoding });
    const frames = codesOf(manifest, code, `${roundNumber}`, scale).map(({ frame }) => frame);
    const facts = summed(manifest, frames, code).facts()!;
    run.round(facts);
    return facts;
  };
  return { run, round };
}

const MANY = 100;

/** @returns rounds, of at most `MANY` */
function untilCommitted(run: TunedRun, round: () => void): number {
  for (let rounds = 1; rounds < MANY; rounds += 1) {
    round();
    if (run.outcomes.at(-1) === 'committed') return rounds;
  }
  return MANY;
}

describe('a sum in which nothing is seen', () => {
  it.each(CASES)(
    '[C-6] is not made into a model while the step may be too large: $rounding, $ringBits bits, $rotation',
    (form) => {
      const { run, round } = aRun(form, 1e6);
      const seen: SumFacts[] = [];
      while (!run.outcomes.includes('committed') && seen.length < MANY) seen.push(round(0.01));
      expect(seen.length).toBeLessThanOrEqual(12);
      expect(seen.at(-1)!.rms).toBeGreaterThan(0);
      // The next ones are as good as the ring allows.
      for (let more = 0; more < 4; more += 1) round(0.01);
      expect(run.outcomes.slice(-3)).toEqual(['committed', 'committed', 'committed']);
    },
  );

  it.each(CASES)(
    '[C-6] ends the search for a finer step when there is nothing to see: $rounding, $ringBits bits, $rotation',
    (form) => {
      const { run, round } = aRun(form, 1);
      round(1);
      expect(untilCommitted(run, () => round(0))).toBeLessThanOrEqual(10);
      const { step } = run.encoding;
      for (let more = 0; more < 3; more += 1) expect(round(0)).toMatchObject({ alarm: 'none', rms: 0, step });
      run.feed({ type: 'restarted', at: run.now });
      expect(run.encoding.step).toBe(step);
      for (const clientId of run.members) run.feed({ type: 'clientCheckedIn', at: run.now, clientId });
      // Something again.
      expect(untilCommitted(run, () => round(1))).toBeLessThanOrEqual(20);
    },
  );
});
