/** All that the sum needs is here: its survivors are fixed. */
import { persist } from './effects.ts';
import { isSurvivor } from './members.ts';
import type { RoundEffect, RoundStep } from './round-events.ts';
import type {
  AggregatingRound,
  CohortMember,
  ReportingRound,
  Survivor,
  UnmaskingRound,
} from './round-state.ts';

export function openAggregating(state: ReportingRound | UnmaskingRound): RoundStep {
  const { closesAt: _, ...common } = state;
  const aggregating: AggregatingRound = { ...common, phase: 'aggregating' };
  return { state: aggregating, effects: [persist, aggregate(aggregating)] };
}

export function aggregate(state: AggregatingRound): RoundEffect {
  return { type: 'aggregate', roundNumber: state.roundNumber, survivors: survivorsOf(state.cohort) };
}

/** In the order of client ids, so that nothing depends on who was first. */
function survivorsOf(cohort: readonly CohortMember[]): Survivor[] {
  return cohort
    .filter(isSurvivor)
    .map(({ clientId, announcement }) => ({
      clientId,
      updateHash: announcement.updateHash,
      exampleCount: 'exampleCount' in announcement ? announcement.exampleCount : null,
    }))
    .sort((left, right) => (left.clientId < right.clientId ? -1 : 1));
}
