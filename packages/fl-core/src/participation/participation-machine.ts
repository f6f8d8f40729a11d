/**
 * The participation machine: one tab's way through a run. Synchronous and total. A reload is the event
 * `restarted` on a stored state: whatever was running is asked for again, whatever was stored remains.
 */
import { afterSeconds, type Instant } from '../identifiers.ts';
import { receiveMessage } from './messages.ts';
import {
  backOff,
  checkIn,
  giveUpTime,
  isOver,
  leaveRun,
  pauseBetweenRounds,
  persist,
  sayReady,
  unchanged,
} from './moves.ts';
import type {
  ParticipationEffect,
  ParticipationEvent,
  ParticipationState,
  ParticipationStep,
} from './participation-state.ts';
import { announceMasked, giveUpSecureSum, holdsSecrets, say } from './secure-sum.ts';

const MAXIMUM_ATTEMPTS = 6;

export function startParticipation(): ParticipationState {
  return {
    runId: null,
    clientId: null,
    manifest: null,
    connected: false,
    activity: { phase: 'idle' },
    modelLog: null,
    encoding: null,
    contributions: 0,
  };
}

export function stepParticipation(state: ParticipationState, event: ParticipationEvent): ParticipationStep {
  switch (event.type) {
    case 'started':
      return start(state);
    case 'connected':
      return takesPart(state) ? checkIn({ ...state, connected: true }, event.at) : unchanged(state);
    case 'disconnected':
      return unchanged({ ...state, connected: false });
    case 'restarted':
      return restart(state, event.at);
    case 'messageReceived':
      return receiveMessage(state, event.message, event.at);
    case 'modelDownloaded':
      return beginTraining(state, event);
    case 'downloadFailed':
      return retryDownload(state, event);
    case 'trainingFinished':
      return announce(state, event);
    case 'trainingFailed':
      return giveUpTraining(state, event);
    case 'uploadFinished':
      return noteReported(state, event);
    case 'uploadFailed':
      return retryUpload(state, event);
    case 'updateLost':
      return giveUpLostUpdate(state, event);
    case 'keysOffered': {
      const { roundNumber, bytes } = event;
      return say(state, 'offering', { type: 'keysOffered', roundNumber, bytes });
    }
    case 'secretsShared': {
      const { roundNumber, bytes } = event;
      return say(state, 'sharing', { type: 'sharesSealed', roundNumber, bytes });
    }
    case 'updateMasked':
      return announceMasked(state, event);
    case 'survivorsConfirmed': {
      const { roundNumber, signature } = event;
      return say(state, 'confirming', { type: 'survivorsConfirmed', roundNumber, signature });
    }
    case 'sharesRevealed': {
      const { roundNumber, bytes } = event;
      return say(state, 'revealing', { type: 'sharesRevealed', roundNumber, bytes });
    }
    case 'secureSumFailed':
      return giveUpSecureSum(state, event);
    case 'timeAdvanced':
      return advanceTime(state, event.at);
    case 'leaveRequested':
      return leaveRun(state, event.reason);
  }
}

/** Whether this state wants a connection. */
export function takesPart(state: ParticipationState): boolean {
  const { phase } = state.activity;
  return phase !== 'idle' && phase !== 'left' && phase !== 'ended' && phase !== 'refused';
}

function start(state: ParticipationState): ParticipationStep {
  if (takesPart(state)) return unchanged(state);
  return {
    state: { ...state, activity: { phase: 'checkingIn' } },
    effects: [persist, { type: 'connect' }],
  };
}

function restart(state: ParticipationState, at: Instant): ParticipationStep {
  const offline: ParticipationState = { ...state, connected: false };
  if (!takesPart(offline)) return unchanged(offline);
  const { activity } = offline;
  const connect = { type: 'connect' } as const;
  // The page was loaded again: what was uploaded counts, and nothing else of the session survives.
  if (holdsSecrets(offline)) {
    const step = pauseBetweenRounds(offline, { at, reason: 'secure-sum-lost' });
    return { ...step, effects: [...step.effects, connect] };
  }
  switch (activity.phase) {
    case 'waiting':
      return { state: offline, effects: [connect, ...wakeUnlessNull(activity.comeBackAt)] };
    case 'downloading': {
      const { modelHash, deadline } = activity;
      return {
        state: { ...offline, activity: { ...activity, retryAt: null } },
        effects: [connect, giveUpTime(deadline), { type: 'download', modelHash }],
      };
    }
    case 'training': {
      const { roundNumber, modelHash, deadline } = activity;
      return {
        state: offline,
        effects: [connect, giveUpTime(deadline), { type: 'train', roundNumber, modelHash }],
      };
    }
    case 'uploading': {
      const { roundNumber, uploadTicket, announcement, deadline } = activity;
      const { updateHash } = announcement;
      return {
        state: { ...offline, activity: { ...activity, retryAt: null } },
        effects: [connect, giveUpTime(deadline), { type: 'upload', roundNumber, uploadTicket, updateHash }],
      };
    }
    default:
      return { state: offline, effects: [connect] };
  }
}

function wakeUnlessNull(at: Instant | null): ParticipationEffect[] {
  return at === null ? [] : [{ type: 'wakeAt', at }];
}

function beginTraining(
  state: ParticipationState,
  event: Extract<ParticipationEvent, { type: 'modelDownloaded' }>,
): ParticipationStep {
  const { activity } = state;
  if (activity.phase !== 'downloading' || activity.modelHash !== event.modelHash) return unchanged(state);
  const { roundNumber, modelHash, deadline } = activity;
  return {
    state: { ...state, activity: { phase: 'training', roundNumber, modelHash, deadline } },
    effects: [persist, { type: 'train', roundNumber, modelHash }],
  };
}

function retryDownload(
  state: ParticipationState,
  event: Extract<ParticipationEvent, { type: 'downloadFailed' }>,
): ParticipationStep {
  const { activity } = state;
  if (activity.phase !== 'downloading' || activity.modelHash !== event.modelHash) return unchanged(state);
  if (activity.attempts >= MAXIMUM_ATTEMPTS) {
    return pauseBetweenRounds(state, {
      at: event.at,
      reason: 'download-failed',
      withdrawing: 'download-failed',
    });
  }
  const retryAt = afterSeconds(event.at, backOff(activity.attempts));
  return {
    state: { ...state, activity: { ...activity, attempts: activity.attempts + 1, retryAt } },
    effects: [{ type: 'wakeAt', at: retryAt }],
  };
}

function announce(
  state: ParticipationState,
  event: Extract<ParticipationEvent, { type: 'trainingFinished' }>,
): ParticipationStep {
  const { activity } = state;
  if (activity.phase !== 'training' || activity.roundNumber !== event.roundNumber) return unchanged(state);
  const { roundNumber, modelHash, deadline } = activity;
  const { announcement } = event;
  if (!announcement) {
    return {
      state: { ...state, activity: { phase: 'offering', roundNumber, modelHash, deadline } },
      effects: [persist, { type: 'offerKeys', roundNumber, modelHash, modelLog: state.modelLog!.head }],
    };
  }
  return {
    state: { ...state, activity: { phase: 'ready', roundNumber, modelHash, announcement, deadline } },
    effects: [persist, sayReady(roundNumber, announcement)],
  };
}

function giveUpTraining(
  state: ParticipationState,
  event: Extract<ParticipationEvent, { type: 'trainingFailed' }>,
): ParticipationStep {
  const { activity } = state;
  if (activity.phase !== 'training' || activity.roundNumber !== event.roundNumber) return unchanged(state);
  return pauseBetweenRounds(state, {
    at: event.at,
    reason: 'training-failed',
    withdrawing: 'training-failed',
  });
}

function noteReported(
  state: ParticipationState,
  event: Extract<ParticipationEvent, { type: 'uploadFinished' }>,
): ParticipationStep {
  const { activity } = state;
  if (activity.phase !== 'uploading' || activity.roundNumber !== event.roundNumber) return unchanged(state);
  const { roundNumber, modelHash } = activity;
  return {
    state: { ...state, activity: { phase: 'reported', roundNumber, modelHash } },
    effects: [persist],
  };
}

function retryUpload(
  state: ParticipationState,
  event: Extract<ParticipationEvent, { type: 'uploadFailed' }>,
): ParticipationStep {
  const { activity } = state;
  if (activity.phase !== 'uploading' || activity.roundNumber !== event.roundNumber) return unchanged(state);
  if (event.refused) {
    // Not every refusal drops its sender: some let it try again, and this tab will not.
    return pauseBetweenRounds(state, {
      at: event.at,
      reason: 'update-refused',
      withdrawing: 'upload-failed',
    });
  }
  if (activity.attempts >= MAXIMUM_ATTEMPTS || event.at >= activity.deadline) {
    return pauseBetweenRounds(state, { at: event.at, reason: 'upload-failed', withdrawing: 'upload-failed' });
  }
  const retryAt = afterSeconds(event.at, backOff(activity.attempts));
  return {
    state: { ...state, activity: { ...activity, attempts: activity.attempts + 1, retryAt } },
    effects: [{ type: 'wakeAt', at: retryAt }],
  };
}

/** The coordinator waits for what is no longer here: it need not. */
function giveUpLostUpdate(
  state: ParticipationState,
  event: Extract<ParticipationEvent, { type: 'updateLost' }>,
): ParticipationStep {
  const { activity } = state;
  if (activity.phase !== 'uploading' || activity.roundNumber !== event.roundNumber) return unchanged(state);
  return pauseBetweenRounds(state, { at: event.at, reason: 'update-lost', withdrawing: 'update-lost' });
}

function advanceTime(state: ParticipationState, at: Instant): ParticipationStep {
  const { activity } = state;
  switch (activity.phase) {
    case 'waiting':
      return activity.comeBackAt !== null && at >= activity.comeBackAt && state.connected
        ? checkIn(state, at)
        : unchanged(state);
    case 'downloading':
      if (isOver(activity.deadline, at)) return giveUpAtDeadline(state, at);
      if (activity.retryAt === null || at < activity.retryAt) return unchanged(state);
      return {
        state: { ...state, activity: { ...activity, retryAt: null } },
        effects: [{ type: 'download', modelHash: activity.modelHash }],
      };
    case 'training':
    case 'masking':
      return isOver(activity.deadline, at) ? giveUpAtDeadline(state, at) : unchanged(state);
    case 'uploading': {
      if (isOver(activity.deadline, at))
        return pauseBetweenRounds(state, { at, reason: 'upload-failed', withdrawing: 'out-of-time' });
      if (activity.retryAt === null || at < activity.retryAt) return unchanged(state);
      const { roundNumber, uploadTicket, announcement } = activity;
      const { updateHash } = announcement;
      return {
        state: { ...state, activity: { ...activity, retryAt: null } },
        effects: [{ type: 'upload', roundNumber, uploadTicket, updateHash }],
      };
    }
    default:
      return unchanged(state);
  }
}

function giveUpAtDeadline(state: ParticipationState, at: Instant): ParticipationStep {
  return pauseBetweenRounds(state, { at, reason: 'deadline-passed', withdrawing: 'out-of-time' });
}
