import {
  type BlobHash,
  type CoordinatorMessage,
  emptyModelLog,
  instant,
  modelLogHead,
  type ParticipationEffect,
  type ParticipationEvent,
  type ParticipationState,
  parseManifest,
  type RunId,
  type SumEncoding,
  startParticipation,
  stepParticipation,
  type TaskManifestInput,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { SMALL_MANIFEST, smallManifest } from './manifests.ts';
import { announcementOf, clientsNamed, MODEL } from './rounds.ts';

const [me] = clientsNamed(1);
const clientId = me!;
const announcement = announcementOf(clientId);
const at = (seconds: number) => instant(seconds * 1000);
const message = (body: CoordinatorMessage, seconds = 0): ParticipationEvent => ({
  type: 'messageReceived',
  at: at(seconds),
  message: body,
});

const admitted = message({
  type: 'admitted',
  runId: 'run-a' as never,
  clientId,
  manifest: smallManifest(),
});
/** Of a run whose every round starts from the same model. */
function invitationTo(roundNumber: number) {
  const headAfter = (rounds: number): BlobHash =>
    rounds === 0
      ? emptyModelLog('run-a' as RunId)
      : modelLogHead(headAfter(rounds - 1), { roundNumber: rounds, modelHash: MODEL });
  return {
    type: 'invited',
    roundNumber,
    modelHash: MODEL,
    modelLog: headAfter(roundNumber),
    previousModelLog: headAfter(roundNumber - 1),
    deadlineSeconds: 300,
  } as const;
}
const invitation = invitationTo(4);
const granted = {
  type: 'uploadGranted',
  roundNumber: 4,
  uploadTicket: 'ticket-1',
  cohortSize: 3,
  deadlineSeconds: 60,
} as const;
const trained: ParticipationEvent = { type: 'trainingFinished', at: at(20), roundNumber: 4, announcement };
const downloaded: ParticipationEvent = { type: 'modelDownloaded', at: at(1), modelHash: MODEL };

function play(events: readonly ParticipationEvent[], from: ParticipationState = startParticipation()) {
  let state = from;
  let effects: readonly ParticipationEffect[] = [];
  const all: ParticipationEffect[] = [];
  for (const event of events) {
    ({ state, effects } = stepParticipation(state, event));
    all.push(...effects);
  }
  return { state, effects, all };
}

const TO_WAITING: ParticipationEvent[] = [
  { type: 'started', at: at(0) },
  { type: 'connected', at: at(0) },
  admitted,
];
const TO_TRAINING = [...TO_WAITING, message(invitation), downloaded];
const TO_READY = [...TO_TRAINING, trained];
const TO_UPLOADING = [...TO_READY, message(granted, 21)];
const TO_REPORTED: ParticipationEvent[] = [
  ...TO_UPLOADING,
  { type: 'uploadFinished', at: at(22), roundNumber: 4 },
];
const committedWith = (accepted: boolean) =>
  ({ type: 'roundCommitted', roundNumber: 4, modelHash: MODEL, survivors: 3, accepted }) as const;
const typesOf = (effects: readonly ParticipationEffect[]) => effects.map((effect) => effect.type);

describe('participation', () => {
  it('[P-1] goes from check-in to a report: download, train, announce, upload', () => {
    expect(typesOf(play(TO_WAITING).all)).toEqual(['persist', 'connect', 'checkIn', 'persist', 'wakeAt']);
    const training = play(TO_TRAINING);
    expect(training.all).toContainEqual({ type: 'download', modelHash: MODEL });
    expect(training.effects).toEqual([
      { type: 'persist' },
      { type: 'train', roundNumber: 4, modelHash: MODEL },
    ]);
    const ready = play(TO_READY);
    expect(ready.effects).toContainEqual({
      type: 'send',
      message: { type: 'ready', roundNumber: 4, ...announcement },
    });
    const uploading = play(TO_UPLOADING);
    expect(uploading.effects).toContainEqual({
      type: 'upload',
      roundNumber: 4,
      uploadTicket: 'ticket-1',
      updateHash: announcement.updateHash,
    });
    const reported = play([{ type: 'uploadFinished', at: at(22), roundNumber: 4 }], uploading.state);
    expect(reported.state.activity.phase).toBe('reported');
    const done = play([message(committedWith(true), 23)], reported.state);
    expect(done.state).toMatchObject({
      contributions: 1,
      activity: { phase: 'waiting', reason: 'round-committed' },
    });
    expect(done.effects).toContainEqual({ type: 'forgetRound', roundNumber: 4, fate: 'counted' });
  });

  it.each([
    ['downloading', [...TO_WAITING, message(invitation)], { type: 'download', modelHash: MODEL }],
    ['training', TO_TRAINING, { type: 'train', roundNumber: 4, modelHash: MODEL }],
    [
      'uploading',
      TO_UPLOADING,
      { type: 'upload', roundNumber: 4, uploadTicket: 'ticket-1', updateHash: announcement.updateHash },
    ],
  ] as const)('[P-2] a reload while %s goes on with it', (phase, events, effect) => {
    const stored = JSON.parse(JSON.stringify(play(events).state)) as ParticipationState;
    const restarted = play([{ type: 'restarted', at: at(30) }], stored);
    expect(restarted.state.activity.phase).toBe(phase);
    expect(restarted.effects).toContainEqual({ type: 'connect' });
    expect(restarted.effects).toContainEqual(effect);
  });

  it('[P-2] a reload of a tab that never started, or has left, stays quiet', () => {
    expect(play([{ type: 'restarted', at: at(1) }]).effects).toEqual([]);
    const left = play([...TO_READY, { type: 'leaveRequested', at: at(1), reason: 'stopped-by-person' }]);
    expect(play([{ type: 'restarted', at: at(2) }], left.state).effects).toEqual([]);
  });

  it('[P-3] the same invitation again does not start training again; what was announced is announced again', () => {
    const training = play(TO_TRAINING);
    expect(play([message(invitation, 5)], training.state)).toMatchObject({
      state: training.state,
      effects: [],
    });
    const ready = play([message(invitation, 25)], play(TO_READY).state);
    expect(ready.effects).toEqual([
      { type: 'send', message: { type: 'ready', roundNumber: 4, ...announcement } },
    ]);
  });

  it('[P-3] an invitation to another round drops the old one', () => {
    const step = play([message(invitationTo(5), 9)], play(TO_TRAINING).state);
    expect(step.state.activity).toMatchObject({ phase: 'downloading', roundNumber: 5 });
    expect(typesOf(step.effects).slice(0, 2)).toEqual(['stopTraining', 'forgetRound']);
  });

  it('[P-4] a failed upload is tried again after 1, 2, 4 ... seconds, and given up in the end', () => {
    let { state } = play(TO_UPLOADING);
    const waits: number[] = [];
    let now = 21;
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const failed = play([{ type: 'uploadFailed', at: at(now), roundNumber: 4, refused: false }], state);
      state = failed.state;
      const wake = failed.effects.find((effect) => effect.type === 'wakeAt');
      if (state.activity.phase !== 'uploading' || !wake) break;
      waits.push(wake.at / 1000 - now);
      expect(play([{ type: 'timeAdvanced', at: at(now + 0.5) }], state).effects).toEqual([]);
      now = wake.at / 1000;
      const retried = play([{ type: 'timeAdvanced', at: wake.at }], state);
      expect(typesOf(retried.effects)).toEqual(['upload']);
      state = retried.state;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16]);
    expect(state.activity).toMatchObject({ phase: 'waiting', reason: 'upload-failed' });
  });

  it('[P-4] a refused upload is not tried again', () => {
    const step = play([...TO_UPLOADING, { type: 'uploadFailed', at: at(22), roundNumber: 4, refused: true }]);
    expect(step.state.activity).toMatchObject({ phase: 'waiting', reason: 'update-refused' });
  });

  it('[P-7] an update that is gone, or refused, is not waited for: the tab withdraws and stays in the run', () => {
    const withdrawal = (reason: string) => ({
      type: 'send',
      message: { type: 'withdraw', roundNumber: 4, reason },
    });
    const lost = play([...TO_UPLOADING, { type: 'updateLost', at: at(22), roundNumber: 4 }]);
    expect(lost.state.activity).toMatchObject({ phase: 'waiting', reason: 'update-lost' });
    expect(lost.effects).toContainEqual(withdrawal('update-lost'));
    expect(lost.effects).toContainEqual({ type: 'forgetRound', roundNumber: 4, fate: 'unknown' });
    const refused = play([
      ...TO_UPLOADING,
      { type: 'uploadFailed', at: at(22), roundNumber: 4, refused: true },
    ]);
    expect(refused.effects).toContainEqual(withdrawal('upload-failed'));
    const other = play([{ type: 'updateLost', at: at(22), roundNumber: 3 }], play(TO_UPLOADING).state);
    expect(other.effects).toEqual([]);
  });

  it('[P-4] a granted upload that is granted again goes on with the new ticket, once', () => {
    const again = play([message({ ...granted, uploadTicket: 'ticket-2' }, 22)], play(TO_UPLOADING).state);
    expect(again.state.activity).toMatchObject({ phase: 'uploading', uploadTicket: 'ticket-2' });
    expect(typesOf(again.effects)).toEqual(['persist', 'wakeAt']);
  });

  it('[P-4] a download is tried again, and a tab that cannot get the model says so', () => {
    let { state } = play([...TO_WAITING, message(invitation)]);
    const failed: ParticipationEvent = { type: 'downloadFailed', at: at(1), modelHash: MODEL };
    for (let i = 0; i < 5; i += 1) state = play([failed, { type: 'timeAdvanced', at: at(200) }], state).state;
    expect(state.activity.phase).toBe('downloading');
    const last = play([failed], state);
    expect(last.state.activity).toMatchObject({ phase: 'waiting', reason: 'download-failed' });
    expect(last.effects).toContainEqual({
      type: 'send',
      message: { type: 'withdraw', roundNumber: 4, reason: 'download-failed' },
    });
  });

  it('[P-5] leaving stops the work, tells the coordinator, and is final', () => {
    const step = play([...TO_TRAINING, { type: 'leaveRequested', at: at(2), reason: 'stopped-by-person' }]);
    expect(step.state.activity).toEqual({ phase: 'left', reason: 'stopped-by-person' });
    expect(typesOf(step.effects)).toEqual([
      ...['send', 'stopTraining', 'forgetRound', 'forgetRun', 'persist', 'disconnect'],
    ]);
    expect(play([message(invitation, 3)], step.state).state).toEqual(step.state);
    expect(play([{ type: 'started', at: at(4) }], step.state).state.activity.phase).toBe('checkingIn');
  });

  it.each([
    ['training', TO_TRAINING, 'unused'],
    ['ready', TO_READY, 'unused'],
    ['uploading', TO_UPLOADING, 'unknown'],
    ['reported', TO_REPORTED, 'unknown'],
  ] as const)(
    '[P-23] in %s, an invitation to another round leaves an update that is %3$s',
    (_, events, fate) => {
      const step = play([...events, message(invitationTo(5), 40)]);
      expect(step.effects).toContainEqual({ type: 'forgetRound', roundNumber: 4, fate });
    },
  );

  it.each([
    ['roundCommitted with it', committedWith(true), 'counted'],
    ['roundCommitted without it', committedWith(false), 'unused'],
    [
      'roundAbandoned',
      { type: 'roundAbandoned', roundNumber: 4, reason: 'stopped', comeBackSeconds: 1 },
      'unused',
    ],
    // Of a member that is lost for good after its masked update came, the update counts.
    [
      'released',
      { type: 'released', roundNumber: 4, reason: 'away-too-long', comeBackSeconds: 1 },
      'unknown',
    ],
    ['comeBack', { type: 'comeBack', afterSeconds: 1, reason: 'waiting-for-others' }, 'unknown'],
  ] as const)('[P-23] %s says whether a reported update counts: it is %3$s', (_, body, fate) => {
    const { effects } = play([...TO_REPORTED, message(body, 40)]);
    expect(effects).toContainEqual({ type: 'forgetRound', roundNumber: 4, fate });
  });

  it('[P-23] a page that was killed after its upload hears what became of it, or forgets', () => {
    const killed = [...TO_REPORTED, { type: 'restarted', at: at(40) }] as const;
    const told = play([...killed, message(committedWith(true), 41)]);
    expect(told.effects).toContainEqual({ type: 'forgetRound', roundNumber: 4, fate: 'counted' });
    const missed = play([...killed, message(invitationTo(5), 41)]);
    expect(missed.effects).toContainEqual({ type: 'forgetRound', roundNumber: 4, fate: 'unknown' });
  });

  it('[P-24] leaving a run, and its end, forget what was kept from round to round', () => {
    const ended = { type: 'runEnded', status: 'completed', modelHash: MODEL, committedRounds: 4 } as const;
    for (const last of [
      message(ended, 40),
      { type: 'leaveRequested', at: at(40), reason: 'stopped-by-person' } as const,
    ]) {
      expect(typesOf(play([...TO_REPORTED, last]).effects)).toContain('forgetRun');
    }
    const away = { type: 'disconnected', at: at(40) } as const;
    const busy = { type: 'comeBack', afterSeconds: 1, reason: 'run-paused' } as const;
    const { all } = play([...TO_REPORTED, away, message(busy, 41)]);
    expect(typesOf(all)).not.toContain('forgetRun');
  });

  it('[P-6] while waiting it offers itself again when told to, and only while connected', () => {
    const waiting = play([
      ...TO_WAITING,
      message({ type: 'comeBack', afterSeconds: 30, reason: 'round-in-progress' }, 10),
    ]);
    expect(waiting.effects).toContainEqual({ type: 'wakeAt', at: at(40) });
    expect(play([{ type: 'timeAdvanced', at: at(39) }], waiting.state).effects).toEqual([]);
    expect(typesOf(play([{ type: 'timeAdvanced', at: at(40) }], waiting.state).effects)).toEqual([
      'checkIn',
      'wakeAt',
    ]);
    const offline = play(
      [
        { type: 'disconnected', at: at(35) },
        { type: 'timeAdvanced', at: at(40) },
      ],
      waiting.state,
    );
    expect(offline.all).toEqual([]);
  });

  it('[P-7] gives up a training that outlives its deadline', () => {
    const training = play(TO_TRAINING);
    expect(play([{ type: 'timeAdvanced', at: at(304) }], training.state).state.activity.phase).toBe(
      'training',
    );
    const over = play([{ type: 'timeAdvanced', at: at(305) }], training.state);
    expect(over.state.activity).toMatchObject({ phase: 'waiting', reason: 'deadline-passed' });
    expect(typesOf(over.effects)).toContain('stopTraining');
  });

  it('[P-7] gives up an upload that neither ends nor fails, also after a reload', () => {
    const reloaded = play([{ type: 'restarted', at: at(30) }], play(TO_UPLOADING).state);
    const wake = reloaded.effects.find((effect) => effect.type === 'wakeAt');
    expect(wake).toEqual({ type: 'wakeAt', at: at(21 + 60 + 5) });
    const over = play([{ type: 'timeAdvanced', at: wake!.at }], reloaded.state);
    expect(over.state.activity).toMatchObject({ phase: 'waiting', reason: 'upload-failed' });
    // The others need not wait for the deadline of an upload that will not come.
    expect(over.effects).toContainEqual({
      type: 'send',
      message: { type: 'withdraw', roundNumber: 4, reason: 'out-of-time' },
    });
  });

  it('[P-6] a reload while waiting still comes back when told to', () => {
    const waiting = play([...TO_WAITING, { type: 'restarted', at: at(3) }]);
    expect(waiting.effects).toEqual([{ type: 'connect' }, { type: 'wakeAt', at: at(15) }]);
  });

  it('[P-7] a failed training tells the coordinator not to wait', () => {
    const step = play([
      ...TO_TRAINING,
      { type: 'trainingFailed', at: at(3), roundNumber: 4, code: 'training-diverged' },
    ]);
    expect(step.state.activity).toMatchObject({ phase: 'waiting', reason: 'training-failed' });
    expect(step.effects).toContainEqual({
      type: 'send',
      message: { type: 'withdraw', roundNumber: 4, reason: 'training-failed' },
    });
  });

  it('[P-8] a fatal refusal ends it; another one only ends what came too late', () => {
    const refused = { type: 'refused', code: 'ticket-expired', message: 'expired', fatal: true } as const;
    expect(play([...TO_TRAINING, message(refused)]).state.activity).toEqual({
      phase: 'refused',
      code: 'ticket-expired',
      message: 'expired',
    });
    const late = { type: 'refused', code: 'phase-mismatch', message: 'late', fatal: false } as const;
    expect(play([...TO_READY, message(late)]).state.activity).toMatchObject({
      phase: 'waiting',
      reason: 'round-over',
    });
    expect(play([...TO_TRAINING, message(late)]).state.activity.phase).toBe('training');
  });

  it('[P-9] answers that belong to no current work change nothing', () => {
    for (const events of [TO_WAITING, TO_READY]) {
      const { state } = play(events);
      for (const stray of [
        downloaded,
        { ...trained, roundNumber: 3 },
        { type: 'uploadFinished', at: at(9), roundNumber: 4 },
        { type: 'uploadFailed', at: at(9), roundNumber: 4, refused: true },
        message({ ...granted, roundNumber: 3 }),
      ] as ParticipationEvent[]) {
        expect(play([stray], state)).toMatchObject({ state, effects: [] });
      }
    }
  });

  it('[P-10] the end of the run ends the part in it', () => {
    const step = play([
      ...TO_READY,
      message({ type: 'runEnded', status: 'completed', modelHash: MODEL, committedRounds: 3 }),
    ]);
    expect(step.state.activity).toMatchObject({ phase: 'ended', status: 'completed' });
    expect(typesOf(step.effects)).toContain('disconnect');
  });
});

describe('[C-4] the encoding of a round', () => {
  const TUNED = {
    codec: 'tuned',
    rotation: 'blocks',
    sampling: { kind: 'random-k', fraction: 0.4 },
  } as const;
  const of = (compression: TaskManifestInput['compression']): ParticipationState =>
    play([
      ...TO_WAITING.slice(0, 2),
      message({
        type: 'admitted',
        runId: 'run-a' as never,
        clientId,
        manifest: parseManifest({ ...SMALL_MANIFEST, compression }),
      }),
    ]).state;
  const invite = (encoding?: SumEncoding) => message({ ...invitation, ...(encoding && { encoding }) }, 1);
  const told = { step: 0.01, fraction: 0.2 };

  it('is kept for the round', () => {
    const { state } = play([invite(told)], of(TUNED));
    expect(state.activity.phase).toBe('downloading');
    expect(state.encoding).toEqual(told);
    expect(play([invite()], of(undefined)).state).toMatchObject({
      activity: { phase: 'downloading' },
      encoding: null,
    });
  });

  it.each<[string, TaskManifestInput['compression'], SumEncoding | undefined]>([
    ['missing', TUNED, undefined],
    ['told where the plan has none', { codec: 'quantised' }, { step: 0.01 }],
    ['told where updates are floats', undefined, { step: 0.01 }],
    ['without the fraction', TUNED, { step: 0.01 }],
    ['of more than the plan sends', TUNED, { step: 0.01, fraction: 0.41 }],
    ['of less than an eighth of it', TUNED, { step: 0.01, fraction: 0.049 }],
    ['with a fraction where all is sent', { codec: 'tuned', rotation: 'full' }, told],
    ['with a step of nothing', TUNED, { ...told, step: 0 }],
    ['with a step below zero', TUNED, { ...told, step: -1 }],
    ['with a step that is no number', TUNED, { ...told, step: Number.NaN }],
    ['with a step without end', TUNED, { ...told, step: 1e300 }],
  ])('is refused when it is %s, and the coordinator hears of it', (_, compression, encoding) => {
    const { state, effects } = play([invite(encoding)], of(compression));
    expect(state.activity).toMatchObject({ phase: 'waiting', reason: 'encoding-refused' });
    expect(effects).toContainEqual({
      type: 'send',
      message: { type: 'withdraw', roundNumber: 4, reason: 'encoding-refused' },
    });
    expect(typesOf(effects)).not.toContain('download');
  });

  it('must be the same when an invitation comes again', () => {
    const { state } = play([invite(told)], of(TUNED));
    expect(play([invite(told)], state).state).toEqual(state);
    for (const other of [
      { ...told, step: 0.02 },
      { ...told, fraction: 0.1 },
    ]) {
      const refused = play([invite(other)], state);
      expect(refused.state.activity).toMatchObject({ phase: 'waiting', reason: 'encoding-refused' });
      expect(refused.effects).toContainEqual({
        type: 'send',
        message: { type: 'withdraw', roundNumber: 4, reason: 'encoding-refused' },
      });
    }
  });
});
