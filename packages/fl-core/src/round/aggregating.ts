/** Aggregating: survivors are fixed; the runner computes. Only its answer, or a stop, moves the round on. */
import { askToComeBack, refuseLate, unchanged } from './effects.ts';
import { abandonRound, commitRound } from './endings.ts';
import { aggregate } from './reporting.ts';
import type { RoundEvent, RoundStep } from './round-events.ts';
import type { AggregatingRound } from './round-state.ts';

export function stepAggregating(state: AggregatingRound, event: RoundEvent): RoundStep {
  switch (event.type) {
    case 'aggregated':
      return event.roundNumber === state.roundNumber ? commitRound(state, event) : unchanged(state);
    case 'aggregationFailed':
      return event.roundNumber === state.roundNumber
        ? abandonRound(state, { at: event.at, reason: 'aggregation-failed' })
        : unchanged(state);
    case 'restarted':
      return { state, effects: [aggregate(state)] };
    case 'clientCheckedIn':
      return { state, effects: [askToComeBack(state, event.clientId, 'round-in-progress')] };
    case 'updateReceived': {
      // A repeated upload whose acknowledgement was lost: it is in, so nothing is wrong.
      const isIn = state.cohort.some(
        (member) =>
          member.stage === 'reported' &&
          member.clientId === event.clientId &&
          member.announcement.updateHash === event.updateHash,
      );
      return isIn && event.roundNumber === state.roundNumber ? unchanged(state) : refuseLate(state, event);
    }
    case 'stopped':
      return abandonRound(state, { at: event.at, reason: 'stopped' });
    default:
      return refuseLate(state, event);
  }
}
