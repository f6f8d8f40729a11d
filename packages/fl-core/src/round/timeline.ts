/** When a round entered its phases: kept for whoever watches, no rule depends on it. */
import type { Instant } from '../identifiers.ts';
import type { RoundStep } from './round-events.ts';
import type { RoundState } from './round-state.ts';

/** Notes the phase that this step arrived in, if it is another one than before. */
export function noteArrival(before: RoundState, step: RoundStep, at: Instant): RoundStep {
  const { phase } = step.state;
  if (phase === before.phase) return step;
  // A state stored by an earlier release has no timeline; then it begins here.
  const timeline = [...(before.timeline ?? []), { phase, at }];
  return { ...step, state: { ...step.state, timeline } };
}
