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
  unchanged,
  wakeAt,
  withEffectsBefore,
} from './effects.ts';
import { abandonRound } from './endings.ts';
import { awayTooLong, become, drop, dropped, markAllAway, markAway, memberOf } from './members.ts';
import { minimumCohortOf } from './minimum-cohort.ts';
import type { RoundEffect, RoundEvent, RoundStep } from './round-events.ts';
import type {
  CohortClosedRound,
  InvitedMember,
  OfferedMember,
  ReadyMember,
  ReleaseReason,
  TrainingMember,
  TrainingRound,
} from './round-state.ts';
import { isSecure } from './secure-round.ts';
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
    case 'keysOffered':
      return noteReady(state, event);
    case 'secureSumRefused':
      return dropFaulty(state, event);
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
  const back = { ...state, invited: become(state.invited, greeted(member)) };
  return settle(back, event.at, [inviteMessage(back, { to: event.clientId, at: event.at })]);
}

function dropFaulty(
  state: TrainingRound,
  { at, clientId, roundNumber }: Extract<RoundEvent, { type: 'secureSumRefused' }>,
): RoundStep {
  const member = memberOf(state.invited, clientId);
  if (roundNumber !== state.roundNumber || !member || member.stage === 'dropped') return unchanged(state);
  const invited = drop(state.invited, clientId, 'secure-sum-faulty');
  return settle({ ...state, invited }, at, [release(state, clientId, 'secure-sum-faulty')]);
}

/**
 * Keys are in the memory of a page. It may be another page that comes back: until it offers them again, they do not count
 * towards the cohort.
 */
function greeted(member: TrainingMember | ReadyMember | OfferedMember): InvitedMember {
  if (member.stage !== 'offered') return { ...member, awaySince: null };
  return { clientId: member.clientId, stage: 'training', awaySince: null };
}

function noteReady(
  state: TrainingRound,
  event: Extract<RoundEvent, { type: 'trainingFinished' | 'keysOffered' }>,
): RoundStep {
  const { clientId, roundNumber } = event;
  if (roundNumber !== state.roundNumber) return refuseOtherRound(state, event);
  const member = memberOf(state.invited, clientId);
  if (!member || member.stage === 'dropped') {
    return refuse(state, clientId, 'not-a-member', `not a member of round ${roundNumber}`);
  }
  if ((event.type === 'keysOffered') !== isSecure(state)) {
    return refuse(state, clientId, 'message-malformed', 'not how an update is announced in this run');
  }
  if (event.type === 'keysOffered' && isTaken(event.offer, state.invited, clientId)) {
    return refuse(state, clientId, 'secagg-key-invalid', 'another member has offered one of these keys');
  }
  // A second announcement replaces the first: a tab that lost its update, or its keys, trains again.
  const common = { clientId, awaySince: null };
  const ready: ReadyMember | OfferedMember =
    event.type === 'keysOffered'
      ? { ...common, stage: 'offered', offer: event.offer }
      : { ...common, stage: 'ready', announcement: event.announcement };
  return settle({ ...state, invited: become(state.invited, ready) }, event.at);
}

/** A roster with a key twice is none: whoever comes first keeps it, so that nobody can spoil the roster of all. */
function isTaken(offer: string, invited: readonly InvitedMember[], clientId: ClientId): boolean {
  const taken = new Set(
    invited.flatMap((member) =>
      member.stage === 'offered' && member.clientId !== clientId ? keysIn(member.offer) : [],
    ),
  );
  return keysIn(offer).some((key) => taken.has(key));
}

/** Mask key and channel key, behind the identity: 64 hex digits each. */
const keysIn = (offer: string): readonly string[] => [offer.slice(64, 128), offer.slice(128, 192)];

function settle(state: TrainingRound, at: Instant, effects: readonly RoundEffect[] = []): RoundStep {
  const { plan } = state;
  const ready = state.invited.filter(isReadyAndHere).length;
  const awaited = state.invited.filter((member) => member.stage !== 'dropped').length - ready;
  if (ready + awaited < minimumCohortOf(state)) {
    return withEffectsBefore(effects, abandonRound(state, { at, reason: 'too-few-ready' }));
  }
  if (ready >= plan.reportGoal || awaited === 0) {
    return withEffectsBefore(effects, closeCohort(state, 'cohort-full'));
  }
  return { state, effects };
}

function closeAtDeadline(state: TrainingRound, at: Instant): RoundStep {
  return state.invited.filter(isReadyAndHere).length >= minimumCohortOf(state)
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
    cohort: inOrder(invited.filter(isReadyAndHere)),
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

function isReadyAndHere(member: InvitedMember): member is ReadyMember | OfferedMember {
  return (member.stage === 'ready' || member.stage === 'offered') && member.awaySince === null;
}

/** A roster is in the order of the identity keys, with which offers begin: a member's place is its index in the sum. */
function inOrder(cohort: readonly (ReadyMember | OfferedMember)[]): (ReadyMember | OfferedMember)[] {
  const offerOf = (member: ReadyMember | OfferedMember) => (member.stage === 'offered' ? member.offer : '');
  return [...cohort].sort((left, right) => (offerOf(left) < offerOf(right) ? -1 : 1));
}
