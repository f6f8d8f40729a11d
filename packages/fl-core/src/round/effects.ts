/** Short names for what the phases ask of their runner. */
import type { ErrorCode } from '../errors.ts';
import { afterSeconds, type ClientId, type Instant, instant } from '../identifiers.ts';
import { isSurvivor } from './members.ts';
import type { RoundEffect, RoundEvent, RoundMessage, RoundStep } from './round-events.ts';
import type { ReleaseReason, RoundMember, RoundState } from './round-state.ts';

export const send = (to: ClientId, message: RoundMessage): RoundEffect => ({ type: 'send', to, message });
export const wakeAt = (at: Instant): RoundEffect => ({ type: 'wakeAt', at });
export const persist: RoundEffect = { type: 'persist' };

/** What was to be done, then the step to which it led. */
export function withEffectsBefore(effects: readonly RoundEffect[], step: RoundStep): RoundStep {
  return { state: step.state, effects: [...effects, ...step.effects] };
}

export const unchanged = (state: RoundState): RoundStep => ({ state, effects: [] });

type ComeBackReason = Extract<RoundMessage, { type: 'comeBack' }>['reason'];

/** Pace steering: nothing to do here for a while. */
export function askToComeBack(state: RoundState, to: ClientId, reason: ComeBackReason): RoundEffect {
  return send(to, { type: 'comeBack', afterSeconds: state.plan.comeBackSeconds, reason });
}

/** Out of this round, and not before its end. */
export function release(state: RoundState, to: ClientId, reason: ReleaseReason): RoundEffect {
  const { roundNumber, plan } = state;
  return send(to, { type: 'released', roundNumber, reason, comeBackSeconds: plan.comeBackSeconds });
}

/** Seconds from now to a deadline, never negative. */
export const secondsUntil = (deadline: Instant, now: Instant): number => Math.max(0, (deadline - now) / 1000);

/**
 * A phase's deadline after a restart: whoever was here has the rejoin grace first, and the phase lasts no longer
 * than planned from now on, whatever the clock said before (it may have been wrong, or be so now).
 */
export function deadlineAfterRestart(
  closesAt: Instant,
  at: Instant,
  { phaseSeconds, rejoinSeconds }: { readonly phaseSeconds: number; readonly rejoinSeconds: number },
): Instant {
  const earliest = afterSeconds(at, rejoinSeconds + 1);
  const latest = afterSeconds(at, phaseSeconds);
  return instant(Math.max(earliest, Math.min(closesAt, latest)));
}

/** Nothing changes, and whoever sent this is told why. */
export function refuse(state: RoundState, to: ClientId, code: ErrorCode, message: string): RoundStep {
  return { state, effects: [{ type: 'refuse', to, code, message }] };
}

/** What was meant for another round than the one that is open. */
export function refuseOtherRound(
  state: RoundState,
  event: { readonly clientId: ClientId; readonly roundNumber: number },
): RoundStep {
  const message = `round ${state.roundNumber} is open, not ${event.roundNumber}`;
  return refuse(state, event.clientId, 'round-mismatch', message);
}

/** Null when this member may withdraw from the round that is open. */
export function refuseWithdrawal(
  state: RoundState,
  members: readonly RoundMember[],
  event: Extract<RoundEvent, { type: 'clientWithdrew' }>,
): RoundStep | null {
  const { clientId, roundNumber } = event;
  if (roundNumber !== state.roundNumber) return refuseOtherRound(state, event);
  const member = members.find((other) => other.clientId === clientId);
  if (!member || member.stage === 'dropped') {
    return refuse(state, clientId, 'not-a-member', `not a member of round ${roundNumber}`);
  }
  // What it had to give is here and stays, as when its owner leaves.
  const isDone = member.stage === 'reported' || member.stage === 'revealed' || member.stage === 'silent';
  return isDone ? unchanged(state) : null;
}

/** A participant's message that no phase but another one takes; anything else is simply late and ignored. */
export function refuseLate(state: RoundState, event: RoundEvent): RoundStep {
  if (!isClaim(event) || wasTaken(state, event)) return unchanged(state);
  return refuse(
    state,
    event.clientId,
    'phase-mismatch',
    `round ${state.roundNumber} is in phase ${state.phase}; it does not take this now`,
  );
}

/** What a participant says about its work in a round, and must be answered when it is not taken. */
type Claim = Extract<
  RoundEvent,
  {
    type:
      | 'trainingFinished'
      | 'keysOffered'
      | 'sharesSealed'
      | 'updateMasked'
      | 'updateReceived'
      | 'survivorsConfirmed'
      | 'sharesRevealed'
      | 'clientWithdrew';
  }
>;
const CLAIMS: ReadonlySet<RoundEvent['type']> = new Set<Claim['type']>([
  'trainingFinished',
  'keysOffered',
  'sharesSealed',
  'updateMasked',
  'updateReceived',
  'survivorsConfirmed',
  'sharesRevealed',
  'clientWithdrew',
]);

const isClaim = (event: RoundEvent): event is Claim => CLAIMS.has(event.type);

/**
 * A message that was asked for again is answered with the same bytes, and the round may have gone on with them in the
 * meantime. A refusal would make its sender give up the round that it is in.
 */
function wasTaken(state: RoundState, event: Claim): boolean {
  if (!('cohort' in state) || state.roundNumber !== event.roundNumber) return false;
  const member = state.cohort.find(({ clientId }) => clientId === event.clientId);
  if (!member || member.stage === 'dropped') return false;
  switch (event.type) {
    case 'trainingFinished':
    case 'updateMasked':
      return 'announcement' in member && member.announcement.updateHash === event.announcement.updateHash;
    case 'updateReceived':
      return isSurvivor(member) && member.announcement.updateHash === event.updateHash;
    case 'keysOffered':
      return 'offer' in member && member.offer === event.offer;
    case 'sharesSealed':
      return 'offer' in member && member.stage !== 'offered';
    case 'survivorsConfirmed':
      return 'confirmation' in member && member.confirmation === event.confirmation;
    case 'sharesRevealed':
      return member.stage === 'revealed';
    default:
      return false;
  }
}
