/** What each message of the coordinator does to a tab. */
import { afterSeconds, type Instant } from '../identifiers.ts';
import type { CoordinatorMessage } from '../wire/coordinator-messages.ts';
import { cleanUp, giveUpTime, pauseBetweenRounds, persist, roundOf, sayReady, unchanged } from './moves.ts';
import type { ParticipationState, ParticipationStep } from './participation-state.ts';
import { refuseEncoding } from './round-encoding.ts';
import { followSecureSum, holdsSecrets, isSecure, refuseModelLog, sayLost } from './secure-sum.ts';

type Message<T extends CoordinatorMessage['type']> = Extract<CoordinatorMessage, { type: T }>;

export function receiveMessage(
  state: ParticipationState,
  message: CoordinatorMessage,
  at: Instant,
): ParticipationStep {
  const { phase } = state.activity;
  // A message that was under way when the person left or the run ended changes nothing.
  if (phase === 'idle' || phase === 'left' || phase === 'ended' || phase === 'refused')
    return unchanged(state);
  switch (message.type) {
    case 'challenge':
      // The runner's: it holds the key, and says `connected` once it can answer.
      return unchanged(state);
    case 'admitted':
      return admit(state, message, at);
    case 'comeBack':
      return comeBack(state, message, at);
    case 'invited':
      return acceptInvitation(state, message, at);
    case 'rosterClosed':
    case 'sharesDelivered':
    case 'survivorsClosed':
    case 'unmaskRequested':
      return followSecureSum(state, message, at);
    case 'uploadGranted':
      return upload(state, message, at);
    case 'released':
      return roundOf(state) === message.roundNumber
        ? pauseBetweenRounds(state, {
            ...{ at, reason: message.reason, afterSeconds: message.comeBackSeconds },
            // A member that is lost after its update came is released, too, and the update counts.
            fate: state.activity.phase === 'uploading' ? 'unused' : 'unknown',
          })
        : unchanged(state);
    case 'roundCommitted':
      return noteCommitted(state, message, at);
    case 'roundAbandoned':
      return roundOf(state) === message.roundNumber
        ? pauseBetweenRounds(state, {
            ...{ at, reason: message.reason, afterSeconds: message.comeBackSeconds },
            fate: 'unused',
          })
        : unchanged(state);
    case 'runEnded':
      return {
        state: {
          ...state,
          connected: false,
          activity: { phase: 'ended', status: message.status, modelHash: message.modelHash },
        },
        effects: [...cleanUp(state), { type: 'forgetRun' }, persist, { type: 'disconnect' }],
      };
    case 'refused':
      return noteRefusal(state, message, at);
  }
}

function admit(state: ParticipationState, message: Message<'admitted'>, at: Instant): ParticipationStep {
  const { runId, clientId, manifest } = message;
  const admitted: ParticipationState = { ...state, runId, clientId, manifest };
  if (state.activity.phase !== 'checkingIn') return { state: admitted, effects: [] };
  return pauseBetweenRounds(admitted, { at, reason: 'admitted' });
}

function comeBack(state: ParticipationState, message: Message<'comeBack'>, at: Instant): ParticipationStep {
  // Whoever has reported may be told this while the sum is computed; the outcome is still to come. So may whoever has
  // nothing to do in this stage of a secure sum: its secrets will be asked for, and are kept until the stage is over.
  const isIn = state.activity.phase === 'reported' || holdsSecrets(state);
  if (isIn && message.reason === 'round-in-progress') return unchanged(state);
  return pauseBetweenRounds(state, { at, reason: message.reason, afterSeconds: message.afterSeconds });
}

function acceptInvitation(
  state: ParticipationState,
  message: Message<'invited'>,
  at: Instant,
): ParticipationStep {
  const { roundNumber, modelHash, modelLog } = message;
  const { activity } = state;
  const refusal = refuseModelLog(state, message, at) ?? refuseEncoding(state, message, at);
  if (refusal) return refusal;
  if (roundOf(state) === roundNumber) {
    // A reconnect: the invitation comes again. Work goes on; what was announced is announced again.
    switch (activity.phase) {
      case 'ready':
        return { state, effects: [sayReady(roundNumber, activity.announcement)] };
      case 'offering':
        return { state, effects: [{ type: 'offerKeys', roundNumber, modelHash, modelLog }] };
      default:
        return unchanged(state);
    }
  }
  const deadline = afterSeconds(at, message.deadlineSeconds);
  return {
    state: {
      ...state,
      modelLog: { roundNumber, head: modelLog },
      encoding: message.encoding ?? null,
      activity: { phase: 'downloading', roundNumber, modelHash, attempts: 1, retryAt: null, deadline },
    },
    effects: [...cleanUp(state), persist, giveUpTime(deadline), { type: 'download', modelHash }],
  };
}

function upload(
  state: ParticipationState,
  message: Message<'uploadGranted'>,
  at: Instant,
): ParticipationStep {
  const { activity } = state;
  const { roundNumber, uploadTicket } = message;
  if (roundOf(state) !== roundNumber) {
    return isSecure(state) ? sayLost(state, roundNumber) : unchanged(state);
  }
  if (activity.phase !== 'ready' && activity.phase !== 'masking' && activity.phase !== 'uploading') {
    return unchanged(state);
  }
  const { announcement, modelHash } = activity;
  if (!announcement) return unchanged(state);
  const deadline = afterSeconds(at, message.deadlineSeconds);
  const isUnderWay = activity.phase === 'uploading' && activity.retryAt === null;
  return {
    state: {
      ...state,
      activity: {
        phase: 'uploading',
        roundNumber,
        modelHash,
        announcement,
        uploadTicket,
        attempts: 1,
        retryAt: null,
        deadline,
      },
    },
    effects: isUnderWay
      ? [persist, giveUpTime(deadline)]
      : [
          persist,
          giveUpTime(deadline),
          { type: 'upload', roundNumber, uploadTicket, updateHash: announcement.updateHash },
        ],
  };
}

function noteCommitted(
  state: ParticipationState,
  message: Message<'roundCommitted'>,
  at: Instant,
): ParticipationStep {
  const counted: ParticipationState = {
    ...state,
    contributions: state.contributions + (message.accepted ? 1 : 0),
  };
  return roundOf(state) === message.roundNumber
    ? pauseBetweenRounds(counted, {
        ...{ at, reason: 'round-committed' },
        fate: message.accepted ? 'counted' : 'unused',
      })
    : { state: counted, effects: [persist] };
}

function noteRefusal(state: ParticipationState, message: Message<'refused'>, at: Instant): ParticipationStep {
  const { code } = message;
  if (message.fatal) {
    return {
      state: { ...state, connected: false, activity: { phase: 'refused', code, message: message.message } },
      effects: [...cleanUp(state), persist, { type: 'disconnect' }],
    };
  }
  const cameTooLate = code === 'phase-mismatch' || code === 'round-mismatch' || code === 'not-a-member';
  const { phase } = state.activity;
  const hasAnnounced =
    phase === 'ready' || phase === 'offering' || phase === 'sharing' || phase === 'masking';
  return hasAnnounced && cameTooLate
    ? pauseBetweenRounds(state, { at, reason: 'round-over' })
    : unchanged(state);
}
