/** What is happening now, in one line of plain words, and how far it is. */
import type { ParticipationActivity } from '@tributary/fl-core';
import type { ParticipantProgress, ParticipantView } from '@tributary/participant';
import { words } from '../messages/index.ts';

interface ActivityWords {
  readonly sentence: string;
  /** The same without figures that move: a percentage read out every second helps nobody. */
  readonly announcement: string;
  /** In [0, 1]; `unknown` while something works without saying how far it is; null when nothing works. */
  readonly fraction: number | 'unknown' | null;
}

interface Situation {
  readonly view: ParticipantView;
  readonly progress: ParticipantProgress | null;
  readonly takingPart: boolean;
  /** By the person. */
  readonly paused: boolean;
  readonly trainingCount: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export function activityWords(situation: Situation): ActivityWords {
  if (situation.paused) return resting(words.activity.paused);
  return isCutOff(situation)
    ? busy(words.activity.reconnecting)
    : wordsOfPhase(situation.view.participation.activity, situation);
}

/** Downloading, training and sending go on without the control channel; what needs the others does not. */
function isCutOff({ view, takingPart }: Situation): boolean {
  const { activity, connected, clientId } = view.participation;
  if (!takingPart || connected) return false;
  if (activity.phase === 'checkingIn') return clientId !== null;
  return NEEDS_OTHERS.has(activity.phase);
}

const NEEDS_OTHERS: ReadonlySet<ParticipationActivity['phase']> = new Set([
  'waiting',
  'ready',
  'offering',
  'sharing',
  'reported',
  'confirming',
  'revealing',
]);

function wordsOfPhase(activity: ParticipationActivity, situation: Situation): ActivityWords {
  const { view, progress, takingPart, trainingCount, now } = situation;
  const text = words.activity;
  switch (activity.phase) {
    case 'idle':
      return takingPart ? busy(text.starting) : resting(text.idle);
    case 'checkingIn':
      return busy(text.checkingIn);
    case 'waiting': {
      const reason = text.waiting[activity.reason];
      const seconds = activity.comeBackAt === null ? 0 : (activity.comeBackAt - now) / 1000;
      return { ...resting(reason), ...(seconds > 1 && { sentence: text.comeBack(reason, seconds) }) };
    }
    case 'downloading':
      return activity.retryAt === null
        ? working(text.downloading, progress?.stage === 'downloading' ? progress.fraction : null)
        : busy(text.downloadRetry);
    case 'training':
      return progress?.stage === 'training'
        ? working(text.training(trainingCount), progress.fraction)
        : working(view.backend ? text.measuring : text.preparing, null);
    case 'ready':
      return resting(text.ready);
    case 'offering':
      return resting(text.offering);
    case 'sharing':
      return busy(`${text.sharing}…`);
    case 'masking':
      return activity.announcement === null ? busy(`${text.masking}…`) : resting(text.masked);
    case 'uploading':
      return activity.retryAt === null
        ? working(text.uploading, progress?.stage === 'uploading' ? progress.fraction : null)
        : busy(text.uploadRetry);
    case 'reported':
      return resting(text.reported);
    case 'confirming':
      return busy(`${text.confirming}…`);
    case 'revealing':
      return busy(`${text.revealing}…`);
    case 'ended':
      return resting(activity.status === 'completed' ? text.completed : text.stopped);
    case 'refused':
      return resting(`${text.refused} ${words.errors[activity.code] ?? activity.message}`);
    case 'left':
      return resting(text.left[activity.reason]);
  }
}

/**
 * How long it may still take, from what was measured here, and until when the coordinator waits. While something works
 * that cannot say how far it is: how long it has been working.
 */
export function timeLeft({ view, progress, takingPart, now }: Situation, startedAt: number): string {
  const { activity } = view.participation;
  const text = words.activity;
  const deadline = 'deadline' in activity ? text.deadline(Math.max(0, (activity.deadline - now) / 1000)) : '';
  const elapsed = text.elapsed(Math.max(0, (now - startedAt) / 1000));
  switch (activity.phase) {
    case 'training': {
      if (progress?.stage !== 'training') return `${elapsed} ${deadline}`;
      const { examplesDone, examplesTotal, examplesPerSecond } = progress.training;
      if (!(examplesPerSecond > 0)) return `${elapsed} ${deadline}`;
      return `${text.trainingLeft((examplesTotal - examplesDone) / examplesPerSecond)} ${deadline}`;
    }
    case 'downloading':
    case 'uploading':
    case 'ready':
    case 'offering':
    case 'sharing':
    case 'masking':
    case 'confirming':
    case 'revealing':
      return `${elapsed} ${deadline}`;
    case 'checkingIn':
    case 'waiting':
    case 'reported':
      return takingPart ? elapsed : '';
    case 'idle':
    case 'ended':
    case 'refused':
    case 'left':
      return '';
  }
}

function resting(sentence: string): ActivityWords {
  return { sentence, announcement: sentence, fraction: null };
}

function busy(sentence: string): ActivityWords {
  return { sentence, announcement: sentence, fraction: 'unknown' };
}

function working(what: string, fraction: number | null): ActivityWords {
  const underWay = busy(`${what}…`);
  if (fraction === null) return underWay;
  return { ...underWay, sentence: words.activity.percentDone(what, fraction), fraction };
}

/** The round that this device is in, if any. */
export function roundNumberOf(activity: ParticipationActivity): number | null {
  return 'roundNumber' in activity ? activity.roundNumber : null;
}
