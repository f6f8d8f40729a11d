/**
 * The tab's way through a secure sum. Keys, shares and masks are with the runner, in memory only: a page that is loaded
 * again has lost them and drops out. What the coordinator asks is checked there, by rules that it cannot relax.
 */
import { afterSeconds, type Instant } from '../identifiers.ts';
import { modelLogHead } from '../round/model-log.ts';
import type { ClientMessage } from '../wire/client-messages.ts';
import type { CoordinatorMessage } from '../wire/coordinator-messages.ts';
import {
  giveUpTime,
  pauseBetweenRounds,
  persist,
  refuseSecureSum,
  roundOf,
  sayWithdraw,
  unchanged,
} from './moves.ts';
import type {
  ParticipationActivity,
  ParticipationEffect,
  ParticipationEvent,
  ParticipationState,
  ParticipationStep,
} from './participation-state.ts';

type Message<T extends CoordinatorMessage['type']> = Extract<CoordinatorMessage, { type: T }>;
type StageMessage = Message<'rosterClosed' | 'sharesDelivered' | 'survivorsClosed' | 'unmaskRequested'>;
type Phase = ParticipationActivity['phase'];
type StagePhase = 'offering' | 'sharing' | 'masking' | 'confirming' | 'revealing';

export function isSecure({ manifest }: ParticipationState): boolean {
  return manifest !== null && manifest.secureAggregation.mode !== 'off';
}

/**
 * Null when the model log that an invitation tells is what this device knows: it holds this round's model, and goes on
 * from the head that it was told last.
 */
export function refuseModelLog(
  state: ParticipationState,
  { roundNumber, modelHash, modelLog, previousModelLog }: Message<'invited'>,
  at: Instant,
): ParticipationStep | null {
  const known = state.modelLog;
  const isWhole = modelLog === modelLogHead(previousModelLog, { roundNumber, modelHash });
  const isAsBefore = known?.roundNumber !== roundNumber || known.head === modelLog;
  const goesOn = known?.roundNumber !== roundNumber - 1 || known.head === previousModelLog;
  if (isWhole && isAsBefore && goesOn) return null;
  const step = refuseSecureSum(state, at, 'secagg-equivocation');
  const isTold = roundOf(state) === roundNumber;
  return isTold
    ? step
    : { ...step, effects: [...step.effects, sayWithdraw(roundNumber, 'secure-sum-refused')] };
}

/** Where each message is expected, and where it finds a tab that has answered it already. */
const EXPECTED: Readonly<Record<StageMessage['type'], readonly Phase[]>> = {
  rosterClosed: ['offering', 'sharing'],
  // A coordinator that was killed may have forgotten what was announced, and never what was shared.
  sharesDelivered: ['sharing', 'masking', 'uploading'],
  // An upload whose acknowledgement was lost has arrived all the same.
  survivorsClosed: ['uploading', 'reported', 'confirming'],
  unmaskRequested: ['confirming', 'revealing'],
};

export function followSecureSum(
  state: ParticipationState,
  message: StageMessage,
  at: Instant,
): ParticipationStep {
  const { roundNumber } = message;
  const { activity } = state;
  if (roundOf(state) !== roundNumber) return sayLost(state, roundNumber);
  if (!EXPECTED[message.type].includes(activity.phase) || !('modelHash' in activity)) return unchanged(state);
  const deadline = afterSeconds(at, message.deadlineSeconds);
  const common = { roundNumber, modelHash: activity.modelHash, deadline };
  switch (message.type) {
    case 'rosterClosed':
      return enter(state, { phase: 'sharing', ...common }, { type: 'shareSecrets', message });
    case 'sharesDelivered': {
      const isMasked = activity.phase === 'masking' || activity.phase === 'uploading';
      const announcement = isMasked ? activity.announcement : null;
      return enter(state, { phase: 'masking', ...common, announcement }, { type: 'maskUpdate', message });
    }
    case 'survivorsClosed':
      return enter(state, { phase: 'confirming', ...common }, { type: 'confirmSurvivors', message });
    case 'unmaskRequested':
      return enter(state, { phase: 'revealing', ...common }, { type: 'revealShares', message });
  }
}

function enter(
  state: ParticipationState,
  activity: Extract<ParticipationActivity, { phase: StagePhase }>,
  effect: ParticipationEffect,
): ParticipationStep {
  return { state: { ...state, activity }, effects: [persist, giveUpTime(activity.deadline), effect] };
}

/** The coordinator still counts on a session of this device that is gone: it need not. */
export function sayLost(state: ParticipationState, roundNumber: number): ParticipationStep {
  return { state, effects: [sayWithdraw(roundNumber, 'secure-sum-lost')] };
}

type Saying = Extract<
  ClientMessage,
  { type: 'keysOffered' | 'sharesSealed' | 'survivorsConfirmed' | 'sharesRevealed' }
>;

/** The session has answered: it is said, unless the round has gone on without it. */
export function say(state: ParticipationState, phase: StagePhase, message: Saying): ParticipationStep {
  const isAwaited = state.activity.phase === phase && roundOf(state) === message.roundNumber;
  return isAwaited ? { state, effects: [{ type: 'send', message }] } : unchanged(state);
}

export function announceMasked(
  state: ParticipationState,
  { roundNumber, announcement }: Extract<ParticipationEvent, { type: 'updateMasked' }>,
): ParticipationStep {
  const { activity } = state;
  if (activity.phase !== 'masking' || activity.roundNumber !== roundNumber) return unchanged(state);
  const { updateHash, updateBytes } = announcement;
  return {
    state: { ...state, activity: { ...activity, announcement } },
    effects: [persist, { type: 'send', message: { type: 'masked', roundNumber, updateHash, updateBytes } }],
  };
}

/** The session refused, or its secrets are gone. */
export function giveUpSecureSum(
  state: ParticipationState,
  event: Extract<ParticipationEvent, { type: 'secureSumFailed' }>,
): ParticipationStep {
  if (roundOf(state) !== event.roundNumber) return unchanged(state);
  return event.code === 'secagg-state-lost'
    ? pauseBetweenRounds(state, {
        at: event.at,
        reason: 'secure-sum-lost',
        withdrawing: 'secure-sum-lost',
      })
    : refuseSecureSum(state, event.at, event.code);
}

const HOLDS_SECRETS: readonly Phase[] = [
  'offering',
  'sharing',
  'masking',
  'uploading',
  'reported',
  'confirming',
  'revealing',
];

/** Whether keys were made for this round: they are in the memory of the page. */
export function holdsSecrets(state: ParticipationState): boolean {
  return isSecure(state) && HOLDS_SECRETS.includes(state.activity.phase);
}
