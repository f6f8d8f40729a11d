import type { RoundPhase } from '@tributary/fl-core';

export interface PhaseSpan {
  readonly phase: RoundPhase;
  readonly milliseconds: number;
}

/** How long each phase took, or takes so far; `until` ends the last one. An outcome takes no time. */
export function phaseSpans(
  timeline: readonly { readonly phase: RoundPhase; readonly at: number }[],
  until: number,
): PhaseSpan[] {
  return timeline.flatMap(({ phase, at }, step) => {
    const milliseconds = Math.max(0, (timeline[step + 1]?.at ?? until) - at);
    return phase === 'committed' || phase === 'abandoned' ? [] : [{ phase, milliseconds }];
  });
}
