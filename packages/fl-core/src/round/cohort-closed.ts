/** Cohort closed: the roster goes to disk first, so that a crash cannot leave two cohorts for one round. */
import { refuseLate, refuseWithdrawal, unchanged } from './effects.ts';
import { abandonRound } from './endings.ts';
import { lose, markAllAway, markAway, markBack } from './members.ts';
import { openReporting } from './reporting.ts';
import type { RoundEvent, RoundStep } from './round-events.ts';
import type { CohortClosedRound } from './round-state.ts';
import { isSecure } from './secure-round.ts';
import { openSharing } from './sharing.ts';

export function stepCohortClosed(state: CohortClosedRound, event: RoundEvent): RoundStep {
  switch (event.type) {
    case 'rosterPersisted':
      return event.roundNumber === state.roundNumber ? goOn(state, event) : unchanged(state);
    case 'rosterRefused':
      return event.roundNumber === state.roundNumber
        ? abandonRound(state, { at: event.at, reason: 'too-few-ready' })
        : unchanged(state);
    case 'clientCheckedIn':
      return unchanged({ ...state, cohort: markBack(state.cohort, event.clientId) });
    case 'clientDisconnected':
      return unchanged({ ...state, cohort: markAway(state.cohort, event) });
    case 'clientLeft':
      return unchanged({ ...state, cohort: lose(state.cohort, event.clientId, 'left') });
    case 'clientWithdrew': {
      const cohort = lose(state.cohort, event.clientId, 'withdrew');
      return refuseWithdrawal(state, state.cohort, event) ?? unchanged({ ...state, cohort });
    }
    case 'restarted':
      return {
        state: { ...state, cohort: markAllAway(state.cohort, event.at) },
        effects: [{ type: 'persistRoster', roundNumber: state.roundNumber }],
      };
    case 'stopped':
      return abandonRound(state, { at: event.at, reason: 'stopped' });
    default:
      return refuseLate(state, event);
  }
}

function goOn(
  state: CohortClosedRound,
  { at, beacon }: Extract<RoundEvent, { type: 'rosterPersisted' }>,
): RoundStep {
  return isSecure(state) && beacon !== null
    ? openSharing(state, { at, beacon })
    : openReporting({ ...state, secureSum: null }, at);
}
