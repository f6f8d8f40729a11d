/** For random schedules: a tuned run, sums that say anything of themselves, and what must hold of encodings. */
import {
  type CompressionPlan,
  isEncodingOf,
  isSameEncoding,
  type RunEffect,
  type RunEvent,
  type RunState,
  SUM_ALARMS,
  type SumEncoding,
  type SumFacts,
} from '@tributary/fl-core';

export const TUNED: CompressionPlan = {
  codec: 'tuned',
  ringBits: 10,
  wrapProbability: 1e-5,
  firstNorm: 1,
  sampling: { kind: 'random-k', fraction: 0.5 },
  rotation: 'blocks',
  rounding: 'stochastic',
  feedback: { mode: 'off' },
};

/** The answer to `aggregate`: one sum in three cannot be used. @param draw any integer of at least 0 */
export function answerOf(
  state: RunState,
  draw: number,
): Pick<Extract<RunEvent, { type: 'aggregated' | 'sumUnusable' }>, 'type'> & { readonly sum: SumFacts } {
  const encoding = state.round?.encoding ?? { step: 1 };
  const alarm = SUM_ALARMS[draw % 6] ?? 'none';
  const rms = encoding.step * (draw % 7) * 40;
  const sum: SumFacts = { ...encoding, rms, nearEdge: 0, alarm, count: 2 + (draw % 3) };
  return { type: alarm === 'severe' || alarm === 'coarse' ? 'sumUnusable' : 'aggregated', sum };
}

/** Sees every effect; whoever is in one round is told one encoding, which its plan allows. */
export function watchEncodings(law: (holds: boolean, otherwise: string) => void): {
  see(effect: RunEffect): void;
  readonly steps: ReadonlySet<number>;
  readonly fractions: ReadonlySet<number | undefined>;
} {
  const told = new Map<number, SumEncoding>();
  const steps = new Set<number>();
  const fractions = new Set<number | undefined>();
  return {
    see(effect) {
      if (effect.type !== 'send' || effect.message.type !== 'invited') return;
      const { roundNumber, encoding } = effect.message;
      law(isEncodingOf(TUNED, encoding), 'an encoding that the plan does not allow');
      const before = told.get(roundNumber) ?? null;
      law(before === null || isSameEncoding(before, encoding ?? null), 'two encodings in one round');
      told.set(roundNumber, encoding!);
      steps.add(encoding!.step);
      fractions.add(encoding!.fraction);
    },
    steps,
    fractions,
  };
}
