/**
 * Training: the invited train, and the cohort forms among those who are ready. It closes at the report goal,
 * as soon as nobody is left to wait for, or at the deadline; and the round is given up as soon as too few
 * remain, without waiting for the deadline. A leaver therefore never stalls the others.
 */
import { afterSeconds, type ClientId, type Instant } from '../identifiers.ts';
import {
  askToComeBack,
  deadlineAfterRestart,
  refuse,
  refuseLate,
  refuseOtherRound,
  refuseWithdrawal,
  release,
  wakeAt,
} from './effects.ts';
import { abandonRound } from './endings.ts';
import { awayTooLong, drop, dropped, markAllAway, markAway, markBack, memberOf } from './members.ts';
import type { RoundEffect, RoundEvent, RoundStep } from './round-events.ts';
import type {
  CohortClosedRound,
  InvitedMember,
  ReadyMember,
  ReleaseReason,
  TrainingRound,
} from './round-state.ts';
import { inviteMessage } from './selecting.ts';

export function stepTraining(state: TrainingRound, event: RoundEvent): RoundStep {
  switch (event.type) {
    case 'clientCheckedIn':
      return welcomeBack(state, event);
    case 'clientDisconnected': {
      const wake = wakeAt(afterSeconds(event.at, state.plan.rejoinSeconds));
      return settle({ ...state, invited: markAway(state.invited, event) }, event.at, [wake]);
    }
    case 'clientLeft':
      return settle({ ...state, invited: drop(state.invited, event.clientId, 'left') }, event.at);
    case 'clientWithdrew': {
      const invited = drop(state.invited, event.clientId, 'withdrew');
      return refuseWithdrawal(state, state.invited, event) ?? settle({ ...state, invited }, event.at);
    }
    case 'trainingFinished':
      return noteReady(state, event);
    case 'timeAdvanced':
      return event.at >= state.closesAt
        ? closeAtDeadline(state, event.at)
        : settle(dropTheLongAway(state, event.at), event.at);
    case 'restarted': {
      // Whoever was here must find the way back first: the deadline waits for them as a rejoin would.
      const rejoinBy = afterSeconds(event.at, state.plan.rejoinSeconds);
      const closesAt = deadlineAfterRestart(state.closesAt, event.at, {
        phaseSeconds: state.plan.trainingSeconds,
        rejoinSeconds: state.plan.rejoinSeconds,
      });
      return {
        state: { ...state, closesAt, invited: markAllAway(state.invited, event.at) },
        effects: [wakeAt(rejoinBy), wakeAt(closesAt)],
      };
    }
    case 'stopped':
      return abandonRound(state, { at: event.at, reason: 'stopped' });
    default:
      return refuseLate(state, event);
  }
}

function welcomeBack(state: TrainingRound, event: { at: Instant; clientId: ClientId }): RoundStep {
  const member = memberOf(state.invited, event.clientId);
  if (!member || member.stage === 'dropped') {
    return { state, effects: [askToComeBack(state, event.clientId, 'round-in-progress')] };
  }
  const back = { ...state, invited: markBack(state.invited, event.clientId) };
  return settle(back, event.at, [inviteMessage(back, { to: event.clientId, at: event.at })]);
}

function noteReady(
  state: TrainingRound,
  event: Extract<RoundEvent, { type: 'trainingFinished' }>,
): RoundStep {
  const { clientId, roundNumber, announcement } = event;
  if (roundNumber !== state.roundNumber) return refuseOtherRound(state, event);
  const member = memberOf(state.invited, clientId);
  if (!member || member.stage === 'dropped') {
    return refuse(state, clientId, 'not-a-member', `not a member of round ${roundNumber}`);
  }
  // A second announcement replaces the first: a tab that lost its update trains again.
  const ready: ReadyMember = { clientId, stage: 'ready', awaySince: null, announcement };
  const invited = state.invited.map((other) => (other.clientId === clientId ? ready : other));
  return settle({ ...state, invited }, event.at);
}

function settle(state: TrainingRound, at: Instant, effects: readonly RoundEffect[] = []): RoundStep {
  const { plan } = state;
  const ready = state.invited.filter(isReadyAndHere).length;
  const awaited = state.invited.filter((member) => member.stage !== 'dropped').length - ready;
  if (ready + awaited < plan.minimumSurvivors) {
    return withEffectsBefore(effects, abandonRound(state, { at, reason: 'too-few-ready' }));
  }
  if (ready >= plan.reportGoal || awaited === 0) {
    return withEffectsBefore(effects, closeCohort(state, 'cohort-full'));
  }
  return { state, effects };
}

function closeAtDeadline(state: TrainingRound, at: Instant): RoundStep {
  return state.invited.filter(isReadyAndHere).length >= state.plan.minimumSurvivors
    ? closeCohort(state, 'deadline-passed')
    : abandonRound(state, { at, reason: 'too-few-ready' });
}

function closeCohort(state: TrainingRound, reasonForOthers: ReleaseReason): RoundStep {
  const { invited, closesAt: _, ...common } = state;
  const others = invited.filter((member) => !isReadyAndHere(member));
  const released = others.filter((member) => member.stage !== 'dropped');
  const closed: CohortClosedRound = {
    ...common,
    phase: 'cohortClosed',
    cohort: invited.filter(isReadyAndHere),
    droppedBefore: others.map((member) => dropped(member, reasonForOthers)),
  };
  return {
    state: closed,
    effects: [
      { type: 'persistRoster', roundNumber: state.roundNumber },
      ...released.map((member) => release(state, member.clientId, reasonForOthers)),
    ],
  };
}

function dropTheLongAway(state: TrainingRound, at: Instant): TrainingRound {
  const isLongAway = awayTooLong(at, state.plan.rejoinSeconds);
  return {
    ...state,
    invited: state.invited.map((member) => (isLongAway(member) ? dropped(member, 'away-too-long') : member)),
  };
}

function isReadyAndHere(member: InvitedMember): member is ReadyMember {
  return member.stage === 'ready' && member.awaySince === null;
}

function withEffectsBefore(effects: readonly RoundEffect[], step: RoundStep): RoundStep {
  return { state: step.state, effects: [...effects, ...step.effects] };
}
