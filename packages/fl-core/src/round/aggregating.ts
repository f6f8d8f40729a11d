/** Aggregating: survivors are fixed; the runner computes. Only its answer, or a stop, moves the round on. */
import type { SumFacts } from '../update/sum-facts.ts';
import { askToComeBack, refuseLate, unchanged } from './effects.ts';
import { abandonRound, commitRound } from './endings.ts';
import { aggregate } from './opening-the-sum.ts';
import type { RoundEvent, RoundStep } from './round-events.ts';
import type { AbandonReason, AggregatingRound } from './round-state.ts';
import { reopenUnmasking } from './unmasking.ts';

export function stepAggregating(state: AggregatingRound, event: RoundEvent): RoundStep {
  switch (event.type) {
    case 'aggregated':
      return event.roundNumber === state.roundNumber ? commitRound(state, event) : unchanged(state);
    case 'sumUnusable':
      return event.roundNumber === state.roundNumber
        ? abandonRound(state, { at: event.at, reason: reasonOf(event.sum), sum: event.sum })
        : unchanged(state);
    case 'aggregationFailed':
      return event.roundNumber === state.roundNumber
        ? abandonRound(state, { at: event.at, reason: 'aggregation-failed' })
        : unchanged(state);
    case 'restarted': {
      const { secureSum } = state;
      return secureSum
        ? reopenUnmasking({ ...state, secureSum }, event.at)
        : { state, effects: [aggregate(state)] };
    }
    case 'clientCheckedIn':
      return { state, effects: [askToComeBack(state, event.clientId, 'round-in-progress')] };
    case 'stopped':
      return abandonRound(state, { at: event.at, reason: 'stopped' });
    default:
      return refuseLate(state, event);
  }
}

const reasonOf = ({ alarm }: SumFacts): AbandonReason =>
  alarm === 'coarse' ? 'sum-too-coarse' : 'sum-wrapped';
