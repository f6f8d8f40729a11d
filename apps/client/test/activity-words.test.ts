import type { BlobHash, ClientId, Instant, ParticipationActivity } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { words } from '../src/messages/index.ts';
import { activityWords } from '../src/participant-page/activity-words.ts';

const modelHash = 'a'.repeat(64) as BlobHash;
const deadline = 0 as Instant;
const announcement = { exampleCount: 1, updateHash: modelHash, updateBytes: 1 };
const inRound = { roundNumber: 1, modelHash, deadline };

const EVERY_ACTIVITY: ParticipationActivity[] = [
  { phase: 'idle' },
  { phase: 'checkingIn' },
  { phase: 'waiting', comeBackAt: null, reason: 'waiting-for-others' },
  { phase: 'downloading', attempts: 0, retryAt: null, ...inRound },
  { phase: 'training', ...inRound },
  { phase: 'ready', announcement, ...inRound },
  { phase: 'uploading', announcement, uploadTicket: 't', attempts: 0, retryAt: null, ...inRound },
  { phase: 'reported', roundNumber: 1, modelHash },
  { phase: 'ended', status: 'completed', modelHash },
  { phase: 'refused', code: 'ticket-expired', message: 'expired' },
  { phase: 'left', reason: 'stopped-by-person' },
];

const situation = (activity: ParticipationActivity, connected = true) => ({
  view: {
    participation: {
      runId: null,
      clientId: 'c'.repeat(32) as ClientId,
      manifest: null,
      connected,
      activity,
      modelLog: null,
      encoding: null,
      contributions: 0,
    },
    pace: 'running' as const,
    backend: null,
  },
  progress: null,
  takingPart: true,
  paused: false,
  trainingCount: 600,
  now: 0,
});

describe('the line that says what happens now', () => {
  it('differs between any two phases', () => {
    const sentences = EVERY_ACTIVITY.map((activity) => activityWords(situation(activity)).sentence);
    expect(new Set(sentences).size).toBe(EVERY_ACTIVITY.length);
    for (const sentence of sentences) expect(sentence.length).toBeGreaterThan(5);
  });

  it('says how far training is, with the bar at the same place', () => {
    const training = {
      epoch: 0,
      epochs: 1,
      examplesDone: 258,
      examplesTotal: 600,
      loss: 1,
      examplesPerSecond: 1,
    };
    const said = activityWords({
      ...situation({ phase: 'training', ...inRound }),
      progress: { stage: 'training', roundNumber: 1, fraction: 0.43, training },
    });
    expect(said.sentence.replaceAll('\u00a0', ' ')).toBe('Training on your 600 examples: 43 %');
    expect(said.fraction).toBe(0.43);
  });

  it('announces what goes on, and again only when that changes: no percentages, no countdown', () => {
    const training = { epoch: 0, epochs: 1, examplesTotal: 600, loss: 1, examplesPerSecond: 1 };
    const announced = [0.1, 0.43, 1].map((fraction) => {
      const progress = {
        stage: 'training' as const,
        roundNumber: 1,
        fraction,
        training: { ...training, examplesDone: 600 * fraction },
      };
      return activityWords({ ...situation({ phase: 'training', ...inRound }), progress }).announcement;
    });
    expect(new Set(announced)).toEqual(new Set(['Training on your 600 examples…']));

    const waiting = activityWords({
      ...situation({ phase: 'waiting', comeBackAt: 1_760_000_030_000 as Instant, reason: 'not-selected' }),
      now: 1_760_000_000_000,
    });
    expect(waiting.sentence.replaceAll('\u00a0', ' ')).toMatch(/Next look in about 30 s\.$/);
    expect(waiting.announcement).toBe(words.activity.waiting['not-selected']);
  });

  it.each(['waiting', 'ready', 'reported', 'checkingIn'])(
    'says that the connection is lost while %s',
    (phase) => {
      const activity = EVERY_ACTIVITY.find((candidate) => candidate.phase === phase)!;
      expect(activityWords(situation(activity, false)).sentence).toBe(words.activity.reconnecting);
    },
  );

  it.each(['downloading', 'training', 'uploading', 'ended', 'left'])(
    'goes on saying what happens while %s, which needs no connection',
    (phase) => {
      const activity = EVERY_ACTIVITY.find((candidate) => candidate.phase === phase)!;
      expect(activityWords(situation(activity, false))).toEqual(activityWords(situation(activity, true)));
    },
  );

  it('gives the way out when the ticket has expired', () => {
    const refused = EVERY_ACTIVITY.find(({ phase }) => phase === 'refused')!;
    expect(activityWords(situation(refused)).sentence).toContain('Ask for a fresh link');
  });
});
