/** Moves that several events share. */
import type { ErrorCode } from '../errors.ts';
import { afterSeconds, type Instant } from '../identifiers.ts';
import type { Announcement } from '../round/round-state.ts';
import type { LeaveReason, WithdrawReason } from '../wire/client-messages.ts';
import type {
  ParticipationEffect,
  ParticipationState,
  ParticipationStep,
  UpdateFate,
  WaitingReason,
} from './participation-state.ts';

export const persist: ParticipationEffect = { type: 'persist' };

export const unchanged = (state: ParticipationState): ParticipationStep => ({ state, effects: [] });

/** The round in which this tab has a part. */
export function roundOf({ activity }: ParticipationState): number | null {
  return 'roundNumber' in activity ? activity.roundNumber : null;
}

/** Seconds before the next try: 1, 2, 4, 8 ... */
export const backOff = (attempts: number): number => 2 ** (attempts - 1);

/** After a missed deadline the coordinator is given this long to say so itself. */
const DEADLINE_SLACK_SECONDS = 5;

/** Wakes the tab when it should give up by itself whatever this deadline was for. */
export const giveUpTime = (deadline: Instant): ParticipationEffect => ({
  type: 'wakeAt',
  at: afterSeconds(deadline, DEADLINE_SLACK_SECONDS),
});

export const isOver = (deadline: Instant, at: Instant): boolean =>
  at >= afterSeconds(deadline, DEADLINE_SLACK_SECONDS);

const DEFAULT_COME_BACK_SECONDS = 15;

/** Offers itself; while waiting, arms the next offer, so that a lost message cannot leave the tab waiting forever. */
export function checkIn(state: ParticipationState, at: Instant): ParticipationStep {
  const { activity } = state;
  if (activity.phase !== 'waiting') return { state, effects: [{ type: 'checkIn' }] };
  const comeBackAt = afterSeconds(at, comeBackSecondsOf(state));
  return {
    state: { ...state, activity: { ...activity, comeBackAt } },
    effects: [{ type: 'checkIn' }, { type: 'wakeAt', at: comeBackAt }],
  };
}

export function sayReady(roundNumber: number, announcement: Announcement): ParticipationEffect {
  return { type: 'send', message: { type: 'ready', roundNumber, ...announcement } };
}

/** What must be stopped and dropped when the tab's part in its round, if any, is over. @param fate as far as it was told */
export function cleanUp(state: ParticipationState, fate: UpdateFate = 'unknown'): ParticipationEffect[] {
  const { activity } = state;
  switch (activity.phase) {
    case 'training':
      return [{ type: 'stopTraining' }, forget(activity, 'unused')];
    case 'downloading':
    case 'ready':
    case 'offering':
    case 'sharing':
      // Nothing of it was sent.
      return [forget(activity, 'unused')];
    // It may have been uploading before.
    case 'masking':
    case 'uploading':
    case 'reported':
    case 'confirming':
    case 'revealing':
      return [forget(activity, fate)];
    default:
      return [];
  }
}

const forget = (
  { roundNumber }: { readonly roundNumber: number },
  fate: UpdateFate,
): ParticipationEffect => ({
  type: 'forgetRound',
  roundNumber,
  fate,
});

/** Out of this round (if in one), still in the run: waits, and offers itself again after a while. */
export function pauseBetweenRounds(
  state: ParticipationState,
  pause: {
    readonly at: Instant;
    readonly reason: Exclude<WaitingReason, 'secure-sum-refused'>;
    readonly afterSeconds?: number;
    /** Tells the coordinator not to wait for this tab in its round. */
    readonly withdrawing?: WithdrawReason;
    /** Of its update. */
    readonly fate?: UpdateFate;
  },
): ParticipationStep {
  const { at, reason, withdrawing, fate } = pause;
  const comeBackAt = afterSeconds(at, pause.afterSeconds ?? comeBackSecondsOf(state));
  return out(state, { phase: 'waiting', comeBackAt, reason }, { withdrawing, fate });
}

/** Out of this round because of what this device's own rules say of its secure sum. */
export function refuseSecureSum(state: ParticipationState, at: Instant, code: ErrorCode): ParticipationStep {
  const comeBackAt = afterSeconds(at, comeBackSecondsOf(state));
  const activity = { phase: 'waiting', comeBackAt, reason: 'secure-sum-refused', code } as const;
  return out(state, activity, { withdrawing: 'secure-sum-refused' });
}

function out(
  state: ParticipationState,
  activity: Extract<ParticipationState['activity'], { phase: 'waiting' }>,
  {
    withdrawing,
    fate,
  }: { readonly withdrawing?: WithdrawReason | undefined; readonly fate?: UpdateFate | undefined },
): ParticipationStep {
  return {
    state: { ...state, activity },
    effects: [
      ...cleanUp(state, fate),
      ...(withdrawing ? withdraw(state, withdrawing) : []),
      persist,
      ...(activity.comeBackAt === null ? [] : [{ type: 'wakeAt', at: activity.comeBackAt } as const]),
    ],
  };
}

function withdraw({ activity }: ParticipationState, reason: WithdrawReason): ParticipationEffect[] {
  return 'roundNumber' in activity ? [sayWithdraw(activity.roundNumber, reason)] : [];
}

export function sayWithdraw(roundNumber: number, reason: WithdrawReason): ParticipationEffect {
  return { type: 'send', message: { type: 'withdraw', roundNumber, reason } };
}

/** Out of the run, because the person said so. */
export function leaveRun(state: ParticipationState, reason: LeaveReason): ParticipationStep {
  if (state.activity.phase === 'idle' || state.activity.phase === 'left') return unchanged(state);
  return {
    state: { ...state, connected: false, activity: { phase: 'left', reason } },
    effects: [
      { type: 'send', message: { type: 'leave', reason } },
      ...cleanUp(state),
      { type: 'forgetRun' },
      persist,
      { type: 'disconnect' },
    ],
  };
}

function comeBackSecondsOf(state: ParticipationState): number {
  return state.manifest?.rounds.comeBackSeconds ?? DEFAULT_COME_BACK_SECONDS;
}
