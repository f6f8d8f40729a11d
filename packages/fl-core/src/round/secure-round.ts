/** What the phases of a round with secure aggregation share. */
import { afterSeconds, type Instant } from '../identifiers.ts';
import { withEffectsBefore } from './effects.ts';
import { abandonRound, type OpenRound } from './endings.ts';
import type { RoundEffect, RoundStep } from './round-events.ts';
import type { RoundState } from './round-state.ts';

/** States that an earlier release stored do not say it: then there is none. */
export function isSecure(state: Pick<RoundState, 'stageSeconds'>): boolean {
  return (state.stageSeconds ?? null) !== null;
}

export function stageDeadline(state: Pick<RoundState, 'stageSeconds'>, at: Instant): Instant {
  return afterSeconds(at, state.stageSeconds ?? 0);
}

/** Goes on when enough members are left, of those who are in and those who may still come; otherwise gives the round up. */
export function enough(
  state: OpenRound,
  left: number,
  now: { readonly at: Instant; readonly effects: readonly RoundEffect[]; readonly atLeast?: number },
  goOn: () => RoundStep,
): RoundStep {
  if (left >= (now.atLeast ?? state.plan.minimumSurvivors)) return goOn();
  return withEffectsBefore(now.effects, abandonRound(state, { at: now.at, reason: 'too-few-survivors' }));
}
