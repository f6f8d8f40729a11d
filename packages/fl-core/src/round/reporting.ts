/**
 * Reporting: the cohort uploads what it announced. The round closes as soon as nobody is left to wait for, or
 * at the deadline, and is given up as soon as too few survivors can remain.
 */
import { afterSeconds, type Instant } from '../identifiers.ts';
import {
  askToComeBack,
  deadlineAfterRestart,
  persist,
  refuse,
  refuseLate,
  refuseOtherRound,
  refuseWithdrawal,
  release,
  secondsUntil,
  send,
  wakeAt,
} from './effects.ts';
import { abandonRound } from './endings.ts';
import { awayTooLong, drop, dropped, markAllAway, markAway, markBack, memberOf } from './members.ts';
import type { RoundEffect, RoundEvent, RoundStep } from './round-events.ts';
import type {
  AggregatingRound,
  CohortMember,
  ReadyMember,
  ReleaseReason,
  ReportedMember,
  ReportingRound,
  Survivor,
} from './round-state.ts';

export function stepReporting(state: ReportingRound, event: RoundEvent): RoundStep {
  switch (event.type) {
    case 'clientCheckedIn':
      return welcomeBack(state, event);
    case 'clientDisconnected': {
      const wake = wakeAt(afterSeconds(event.at, state.plan.rejoinSeconds));
      return settleReporting({ ...state, cohort: markAway(state.cohort, event) }, event.at, [wake]);
    }
    case 'clientLeft':
      return settleReporting({ ...state, cohort: drop(state.cohort, event.clientId, 'left') }, event.at);
    case 'clientWithdrew': {
      const cohort = drop(state.cohort, event.clientId, 'withdrew');
      return refuseWithdrawal(state, state.cohort, event) ?? settleReporting({ ...state, cohort }, event.at);
    }
    case 'updateReceived':
      return acceptUpdate(state, event);
    case 'updateRefused':
      return event.roundNumber === state.roundNumber
        ? dropAndRelease(state, event.at, 'update-refused', (member) => member.clientId === event.clientId)
        : { state, effects: [] };
    case 'timeAdvanced':
      return event.at >= state.closesAt
        ? dropAndRelease(state, event.at, 'deadline-passed', (member) => member.stage === 'ready')
        : dropAndRelease(state, event.at, 'away-too-long', awayTooLong(event.at, state.plan.rejoinSeconds));
    case 'restarted': {
      const rejoinBy = afterSeconds(event.at, state.plan.rejoinSeconds);
      const closesAt = deadlineAfterRestart(state.closesAt, event.at, {
        phaseSeconds: state.plan.reportingSeconds,
        rejoinSeconds: state.plan.rejoinSeconds,
      });
      return settleReporting({ ...state, closesAt, cohort: markAllAway(state.cohort, event.at) }, event.at, [
        wakeAt(rejoinBy),
        wakeAt(closesAt),
      ]);
    }
    case 'stopped':
      return abandonRound(state, { at: event.at, reason: 'stopped' });
    default:
      return refuseLate(state, event);
  }
}

export function grantUpload(
  state: ReportingRound,
  member: ReadyMember | ReportedMember,
  at: Instant,
): RoundEffect {
  return send(member.clientId, {
    type: 'uploadGranted',
    roundNumber: state.roundNumber,
    cohortSize: state.cohort.length,
    deadlineSeconds: secondsUntil(state.closesAt, at),
    announcement: member.announcement,
  });
}

function welcomeBack(
  state: ReportingRound,
  event: Extract<RoundEvent, { type: 'clientCheckedIn' }>,
): RoundStep {
  const member = memberOf(state.cohort, event.clientId);
  if (!member || member.stage === 'dropped') {
    return { state, effects: [askToComeBack(state, event.clientId, 'round-in-progress')] };
  }
  // Also to those who have reported: whoever lost the acknowledgement may ask for it with the same upload.
  return {
    state: { ...state, cohort: markBack(state.cohort, event.clientId) },
    effects: [grantUpload(state, member, event.at)],
  };
}

function acceptUpdate(
  state: ReportingRound,
  event: Extract<RoundEvent, { type: 'updateReceived' }>,
): RoundStep {
  const { clientId, roundNumber, updateHash } = event;
  if (roundNumber !== state.roundNumber) return refuseOtherRound(state, event);
  const member = memberOf(state.cohort, clientId);
  if (!member || member.stage === 'dropped') {
    return refuse(state, clientId, 'not-a-member', `not in the cohort of round ${roundNumber}`);
  }
  if (member.announcement.updateHash !== updateHash) {
    return member.stage === 'reported'
      ? refuse(state, clientId, 'report-duplicate', 'another update of this participant was accepted before')
      : refuse(state, clientId, 'update-hash-mismatch', 'the update is not the one that was announced');
  }
  // The same upload again is answered as the first one was: the acknowledgement may have been lost.
  if (member.stage === 'reported') return { state, effects: [] };
  const reported: ReportedMember = { ...member, stage: 'reported' };
  const cohort = state.cohort.map((other) => (other.clientId === clientId ? reported : other));
  return settleReporting({ ...state, cohort }, event.at, [persist]);
}

/** Drops those members that have not reported and for whom `applies` holds, and tells them. */
function dropAndRelease(
  state: ReportingRound,
  at: Instant,
  reason: ReleaseReason,
  applies: (member: CohortMember) => boolean,
): RoundStep {
  const leaving = state.cohort.filter((member) => member.stage === 'ready' && applies(member));
  if (leaving.length === 0) return settleReporting(state, at);
  const cohort = state.cohort.map((member) => (leaving.includes(member) ? dropped(member, reason) : member));
  const farewells = leaving.map((member) => release(state, member.clientId, reason));
  return settleReporting({ ...state, cohort }, at, farewells);
}

export function settleReporting(
  state: ReportingRound,
  at: Instant,
  effects: readonly RoundEffect[] = [],
): RoundStep {
  const survivors = survivorsOf(state.cohort);
  const awaited = state.cohort.filter((member) => member.stage === 'ready').length;
  if (survivors.length + awaited < state.plan.minimumSurvivors) {
    const step = abandonRound(state, { at, reason: 'too-few-survivors' });
    return { state: step.state, effects: [...effects, ...step.effects] };
  }
  if (awaited > 0) return { state, effects };
  const { closesAt: _, ...common } = state;
  const aggregating: AggregatingRound = { ...common, phase: 'aggregating' };
  return { state: aggregating, effects: [...effects, persist, aggregate(aggregating)] };
}

export function aggregate(state: AggregatingRound): RoundEffect {
  return { type: 'aggregate', roundNumber: state.roundNumber, survivors: survivorsOf(state.cohort) };
}

/** In the order of client ids, so that nothing depends on who was first. */
function survivorsOf(cohort: readonly CohortMember[]): Survivor[] {
  return cohort
    .filter((member) => member.stage === 'reported')
    .map(({ clientId, announcement }) => ({
      clientId,
      updateHash: announcement.updateHash,
      exampleCount: announcement.exampleCount,
    }))
    .sort((left, right) => (left.clientId < right.clientId ? -1 : 1));
}
