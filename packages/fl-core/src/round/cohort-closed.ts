/** Cohort closed: the roster goes to disk first, so that a crash cannot leave two cohorts for one round. */
import { afterSeconds } from '../identifiers.ts';
import { persist, refuseLate, refuseWithdrawal, unchanged, wakeAt } from './effects.ts';
import { abandonRound } from './endings.ts';
import { drop, markAllAway, markAway, markBack } from './members.ts';
import { grantUpload, settleReporting } from './reporting.ts';
import type { RoundEvent, RoundStep } from './round-events.ts';
import type { CohortClosedRound, ReportingRound } from './round-state.ts';

export function stepCohortClosed(state: CohortClosedRound, event: RoundEvent): RoundStep {
  switch (event.type) {
    case 'rosterPersisted':
      return event.roundNumber === state.roundNumber ? openReporting(state, event) : unchanged(state);
    case 'clientCheckedIn':
      return unchanged({ ...state, cohort: markBack(state.cohort, event.clientId) });
    case 'clientDisconnected':
      return unchanged({ ...state, cohort: markAway(state.cohort, event) });
    case 'clientLeft':
      return unchanged({ ...state, cohort: drop(state.cohort, event.clientId, 'left') });
    case 'clientWithdrew': {
      const cohort = drop(state.cohort, event.clientId, 'withdrew');
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

function openReporting(state: CohortClosedRound, { at }: { at: RoundEvent['at'] }): RoundStep {
  const closesAt = afterSeconds(at, state.plan.reportingSeconds);
  const reporting: ReportingRound = { ...state, phase: 'reporting', closesAt };
  const here = reporting.cohort
    .filter((member) => member.stage === 'ready')
    .filter((member) => member.awaySince === null);
  const away = reporting.cohort.some((member) => member.awaySince !== null);
  return settleReporting(reporting, at, [
    persist,
    wakeAt(closesAt),
    ...(away ? [wakeAt(afterSeconds(at, state.plan.rejoinSeconds))] : []),
    ...here.map((member) => grantUpload(reporting, member, at)),
  ]);
}
