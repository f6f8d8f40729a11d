/**
 * What the phases of a closed cohort have in common: each asks its members for something, and waits until everybody has
 * given it or is lost, at most until its deadline. Members may come and go; who comes back is asked again, unchanged.
 */
import { afterSeconds, type ClientId, type Instant } from '../identifiers.ts';
import {
  askToComeBack,
  deadlineAfterRestart,
  persist,
  refuse,
  refuseLate,
  refuseOtherRound,
  refuseWithdrawal,
  release,
  unchanged,
  wakeAt,
} from './effects.ts';
import { abandonRound } from './endings.ts';
import { awayTooLong, lose, lost, markAllAway, markAway, markBack, memberOf } from './members.ts';
import type { RoundEffect, RoundEvent, RoundStep } from './round-events.ts';
import type {
  CohortMember,
  ConfirmingRound,
  ReleaseReason,
  ReportingRound,
  SharingRound,
  UnmaskingRound,
} from './round-state.ts';

export type WaitingRound = SharingRound | ReportingRound | ConfirmingRound | UnmaskingRound;

/** One of these phases. */
export interface Wait<Round extends WaitingRound> {
  /** Its longest duration, in seconds. */
  duration(state: Round): number;
  isAwaited(member: CohortMember): boolean;
  /** What this member is asked when the phase begins, and again when it comes back. */
  ask(state: Round, member: CohortMember, at: Instant): RoundEffect | null;
  /** Goes on to the next phase, or gives the round up, when it is time; the effects come first. */
  settle(state: Round, at: Instant, effects?: readonly RoundEffect[]): RoundStep;
}

/** Enters the phase: it is durable before anybody is asked. */
export function beginWaiting<Round extends WaitingRound>(
  wait: Wait<Round>,
  state: Round,
  at: Instant,
): RoundStep {
  const { plan, cohort, closesAt } = state;
  const awaited = cohort.filter((member) => wait.isAwaited(member));
  const away = awaited.some((member) => member.awaySince !== null);
  const asked = cohort
    .filter((member) => member.awaySince === null)
    .map((member) => (wait.isAwaited(member) ? wait.ask(state, member, at) : null))
    .filter((effect) => effect !== null);
  const wakes = [wakeAt(closesAt), ...(away ? [wakeAt(afterSeconds(at, plan.rejoinSeconds))] : [])];
  return wait.settle(state, at, [persist, ...wakes, ...asked]);
}

/** What happens in each of these phases alike; the phase's own events are its own. */
export function stepWaiting<Round extends WaitingRound>(
  wait: Wait<Round>,
  state: Round,
  event: RoundEvent,
): RoundStep {
  const { plan } = state;
  switch (event.type) {
    case 'clientCheckedIn':
      return welcomeBack(wait, state, event);
    case 'clientDisconnected': {
      const wake = wakeAt(afterSeconds(event.at, plan.rejoinSeconds));
      return wait.settle({ ...state, cohort: markAway(state.cohort, event) }, event.at, [wake]);
    }
    case 'clientLeft':
      return wait.settle({ ...state, cohort: lose(state.cohort, event.clientId, 'left') }, event.at);
    case 'clientWithdrew': {
      const cohort = lose(state.cohort, event.clientId, 'withdrew');
      return refuseWithdrawal(state, state.cohort, event) ?? wait.settle({ ...state, cohort }, event.at);
    }
    case 'updateRefused':
      return event.roundNumber === state.roundNumber
        ? releaseMembers(wait, state, event.at, 'update-refused', isMember(event.clientId))
        : unchanged(state);
    case 'secureSumRefused':
      return event.roundNumber === state.roundNumber
        ? releaseMembers(wait, state, event.at, 'secure-sum-faulty', isMember(event.clientId))
        : unchanged(state);
    case 'timeAdvanced':
      return event.at >= state.closesAt
        ? releaseMembers(wait, state, event.at, 'deadline-passed', () => true)
        : releaseMembers(wait, state, event.at, 'away-too-long', awayTooLong(event.at, plan.rejoinSeconds));
    case 'restarted': {
      const rejoinBy = afterSeconds(event.at, plan.rejoinSeconds);
      const closesAt = deadlineAfterRestart(state.closesAt, event.at, {
        phaseSeconds: wait.duration(state),
        rejoinSeconds: plan.rejoinSeconds,
      });
      const cohort = markAllAway(state.cohort, event.at);
      return wait.settle({ ...state, closesAt, cohort }, event.at, [wakeAt(rejoinBy), wakeAt(closesAt)]);
    }
    case 'stopped':
      return abandonRound(state, { at: event.at, reason: 'stopped' });
    default:
      return refuseLate(state, event);
  }
}

/** The member that says something about this round; or why it is not heard. */
export function speaker(
  state: WaitingRound,
  event: { readonly clientId: ClientId; readonly roundNumber: number },
): { readonly member: Exclude<CohortMember, { stage: 'dropped' }> } | { readonly refusal: RoundStep } {
  if (event.roundNumber !== state.roundNumber) return { refusal: refuseOtherRound(state, event) };
  const member = memberOf(state.cohort, event.clientId);
  if (member && member.stage !== 'dropped') return { member };
  const message = `not in the cohort of round ${state.roundNumber}`;
  return { refusal: refuse(state, event.clientId, 'not-a-member', message) };
}

const isMember = (clientId: ClientId) => (member: CohortMember) => member.clientId === clientId;

function welcomeBack<Round extends WaitingRound>(
  wait: Wait<Round>,
  state: Round,
  event: { readonly clientId: ClientId; readonly at: Instant },
): RoundStep {
  const member = memberOf(state.cohort, event.clientId);
  if (!member || member.stage === 'dropped') {
    return { state, effects: [askToComeBack(state, event.clientId, 'round-in-progress')] };
  }
  const asked = wait.ask(state, member, event.at);
  return {
    state: { ...state, cohort: markBack(state.cohort, event.clientId) },
    effects: asked ? [asked] : [],
  };
}

/** Stops waiting for the awaited for whom `applies` holds, and tells those that are out of the round by that. */
function releaseMembers<Round extends WaitingRound>(
  wait: Wait<Round>,
  state: Round,
  at: Instant,
  reason: ReleaseReason,
  applies: (member: CohortMember) => boolean,
): RoundStep {
  const leaving = state.cohort.filter((member) => wait.isAwaited(member) && applies(member));
  if (leaving.length === 0) return wait.settle(state, at);
  const cohort = state.cohort.map((member) => (leaving.includes(member) ? lost(member, reason) : member));
  const farewells = cohort
    .filter((member, i) => member !== state.cohort[i] && member.stage === 'dropped')
    .map((member) => release(state, member.clientId, reason));
  return wait.settle({ ...state, cohort }, at, farewells);
}
