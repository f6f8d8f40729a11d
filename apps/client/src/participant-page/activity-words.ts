/** What is happening now, in one line of plain words, and how far it is. */
import type { ParticipationActivity } from '@tributary/fl-core';
import type { ParticipantProgress, ParticipantView } from '@tributary/participant';
import { words } from '../messages/index.ts';

interface ActivityWords {
  readonly sentence: string;
  /** In [0, 1]; `unknown` while something works without saying how far it is; null when nothing works. */
  readonly fraction: number | 'unknown' | null;
}

interface Situation {
  readonly view: ParticipantView;
  readonly progress: ParticipantProgress | null;
  readonly takingPart: boolean;
  readonly trainingCount: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export function activityWords(situation: Situation): ActivityWords {
  return isCutOff(situation)
    ? { sentence: words.activity.reconnecting, fraction: 'unknown' }
    : wordsOfPhase(situation.view.participation.activity, situation);
}

/** Downloading, training and sending go on without the control channel; what needs the others does not. */
function isCutOff({ view, takingPart }: Situation): boolean {
  const { activity, connected, clientId } = view.participation;
  if (!takingPart || connected) return false;
  if (activity.phase === 'checkingIn') return clientId !== null;
  return activity.phase === 'waiting' || activity.phase === 'ready' || activity.phase === 'reported';
}

function wordsOfPhase(activity: ParticipationActivity, situation: Situation): ActivityWords {
  const { view, progress, takingPart, trainingCount, now } = situation;
  const text = words.activity;
  switch (activity.phase) {
    case 'idle':
      return takingPart
        ? { sentence: text.starting, fraction: 'unknown' }
        : { sentence: text.idle, fraction: null };
    case 'checkingIn':
      return { sentence: text.checkingIn, fraction: 'unknown' };
    case 'waiting': {
      const reason = text.waiting[activity.reason];
      const seconds = activity.comeBackAt === null ? 0 : (activity.comeBackAt - now) / 1000;
      return { sentence: seconds > 1 ? text.comeBack(reason, seconds) : reason, fraction: null };
    }
    case 'downloading':
      return activity.retryAt === null
        ? working(text.downloading, progress?.stage === 'downloading' ? progress.fraction : null)
        : { sentence: text.downloadRetry, fraction: 'unknown' };
    case 'training':
      return progress?.stage === 'training'
        ? working(text.training(trainingCount), progress.fraction)
        : working(view.backend ? text.measuring : text.preparing, null);
    case 'ready':
      return { sentence: text.ready, fraction: null };
    case 'uploading':
      return activity.retryAt === null
        ? working(text.uploading, progress?.stage === 'uploading' ? progress.fraction : null)
        : { sentence: text.uploadRetry, fraction: 'unknown' };
    case 'reported':
      return { sentence: text.reported, fraction: null };
    case 'ended':
      return { sentence: activity.status === 'completed' ? text.completed : text.stopped, fraction: null };
    case 'refused':
      return {
        sentence: `${text.refused} ${words.errors[activity.code] ?? activity.message}`,
        fraction: null,
      };
    case 'left':
      return { sentence: text.left[activity.reason], fraction: null };
  }
}

function working(what: string, fraction: number | null): ActivityWords {
  if (fraction === null) return { sentence: `${what}…`, fraction: 'unknown' };
  return { sentence: words.activity.percentDone(what, fraction), fraction };
}

/** The round that this device is in, if any. */
export function roundNumberOf(activity: ParticipationActivity): number | null {
  return 'roundNumber' in activity ? activity.roundNumber : null;
}
