/** One tab's way through a round with secure aggregation. */
import {
  type BlobHash,
  type CoordinatorMessage,
  emptyModelLog,
  instant,
  modelLogHead,
  type ParticipationActivity,
  type ParticipationEffect,
  type ParticipationEvent,
  type ParticipationState,
  type RunId,
  startParticipation,
  stepParticipation,
  type TaskManifest,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { smallManifest } from './manifests.ts';
import { announcementOf, clientsNamed, MODEL } from './rounds.ts';

const [clientId] = clientsNamed(1) as [ReturnType<typeof clientsNamed>[number]];
const roundNumber = 4;
const at = (seconds: number) => instant(seconds * 1000);
const manifest: TaskManifest = {
  ...smallManifest(),
  secureAggregation: {
    mode: 'sa-1',
    corruptFraction: 0.1,
    dropoutFraction: 0.1,
    adversary: 'semi-malicious',
    graph: 'auto',
    stageSeconds: 30,
  },
};
const heads: BlobHash[] = [emptyModelLog('run-a' as RunId)];
for (let round = 1; round < 8; round += 1) {
  heads.push(modelLogHead(heads[round - 1]!, { roundNumber: round, modelHash: MODEL }));
}
const invitationTo = (round: number) =>
  ({
    type: 'invited',
    roundNumber: round,
    modelHash: MODEL,
    modelLog: heads[round]!,
    previousModelLog: heads[round - 1]!,
    deadlineSeconds: 300,
  }) as const;

const message = (body: CoordinatorMessage, seconds = 30): ParticipationEvent => ({
  type: 'messageReceived',
  at: at(seconds),
  message: body,
});
const bytes = Uint8Array.of(1, 2, 3);
const { updateHash, updateBytes } = announcementOf(clientId);
const announcement = { updateHash, updateBytes };
const told = { roundNumber, deadlineSeconds: 30 };
const rosterClosed = { ...told, type: 'rosterClosed', beacon: bytes, bytes } as const;
const sharesDelivered = { ...told, type: 'sharesDelivered', sharers: bytes, bytes } as const;
const survivorsClosed = { ...told, type: 'survivorsClosed', sharers: bytes, survivors: bytes } as const;
const unmaskRequested = { ...told, type: 'unmaskRequested', bytes } as const;
const granted = { ...told, type: 'uploadGranted', uploadTicket: 'ticket', cohortSize: 5 } as const;
const answered = { at: at(31), roundNumber };

/** Everything between an invitation and the sum, with where it leads. */
const WAY: readonly (readonly [ParticipationEvent, ParticipationActivity['phase']])[] = [
  [message(invitationTo(4), 1), 'downloading'],
  [{ type: 'modelDownloaded', at: at(2), modelHash: MODEL }, 'training'],
  [{ type: 'trainingFinished', at: at(20), roundNumber, announcement: null }, 'offering'],
  [{ ...answered, type: 'keysOffered', bytes }, 'offering'],
  [message(rosterClosed), 'sharing'],
  [{ ...answered, type: 'secretsShared', bytes }, 'sharing'],
  [message(sharesDelivered), 'masking'],
  [{ ...answered, type: 'updateMasked', announcement }, 'masking'],
  [message(granted), 'uploading'],
  [{ ...answered, type: 'uploadFinished' }, 'reported'],
  [message(survivorsClosed), 'confirming'],
  [{ ...answered, type: 'survivorsConfirmed', signature: bytes }, 'confirming'],
  [message(unmaskRequested), 'revealing'],
  [{ ...answered, type: 'sharesRevealed', bytes }, 'revealing'],
];

function play(events: readonly ParticipationEvent[], from: ParticipationState = startParticipation()) {
  let state = from;
  let effects: readonly ParticipationEffect[] = [];
  for (const event of events) ({ state, effects } = stepParticipation(state, event));
  return { state, effects };
}

const STARTED = play([
  { type: 'started', at: at(0) },
  { type: 'connected', at: at(0) },
  message({ type: 'admitted', runId: 'run-a' as RunId, clientId, manifest }, 0),
]).state;

/** The state in which the way first reaches this phase, and what follows on it. */
function reach(phase: ParticipationActivity['phase']): ParticipationState {
  const end = WAY.findIndex(([, reached]) => reached === phase);
  return play(
    WAY.slice(0, end + 1).map(([event]) => event),
    STARTED,
  ).state;
}

const sent = (effects: readonly ParticipationEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'send' ? [effect.message] : []));

describe('a part with secure aggregation', () => {
  it('[P-15] goes from keys over shares, masks and signatures to revealed shares', () => {
    let state = STARTED;
    const asked: string[] = [];
    const said: string[] = [];
    for (const [event, phase] of WAY) {
      const step = stepParticipation(state, event);
      state = step.state;
      expect(state.activity.phase).toBe(phase);
      asked.push(...step.effects.map(({ type }) => type));
      said.push(...sent(step.effects).map(({ type }) => type));
    }
    const work = ['persist', 'wakeAt', 'send'];
    expect(asked.filter((type) => !work.includes(type))).toEqual([
      'download',
      'train',
      'offerKeys',
      'shareSecrets',
      'maskUpdate',
      'upload',
      'confirmSurvivors',
      'revealShares',
    ]);
    expect(said).toEqual(['keysOffered', 'sharesSealed', 'masked', 'survivorsConfirmed', 'sharesRevealed']);
    const committed = {
      type: 'roundCommitted',
      roundNumber,
      modelHash: MODEL,
      survivors: 5,
      accepted: true,
    } as const;
    const done = stepParticipation(state, message(committed, 60));
    expect(done.state).toMatchObject({ contributions: 1, activity: { phase: 'waiting' } });
    expect(done.effects).toContainEqual({ type: 'forgetRound', roundNumber, fate: 'counted' });
  });

  it('[P-15] offers its keys with the model log that it was told', () => {
    const { effects } = play(
      WAY.slice(0, 3).map(([event]) => event),
      STARTED,
    );
    expect(effects).toContainEqual({
      type: 'offerKeys',
      roundNumber,
      modelHash: MODEL,
      modelLog: heads[4],
    });
  });

  it('[P-15] tells nothing of its examples, and of its update only hash and length', () => {
    let state = STARTED;
    for (const [event] of WAY) {
      const step = stepParticipation(state, event);
      state = step.state;
      for (const body of sent(step.effects)) {
        expect(Object.keys(body)).not.toContain('exampleCount');
        if (body.type === 'masked') {
          expect(body).toEqual({ type: 'masked', roundNumber, updateHash, updateBytes });
        }
      }
    }
  });

  it.each([
    ['offering', message(invitationTo(4), 25), 'offerKeys'],
    ['sharing', message(rosterClosed), 'shareSecrets'],
    ['masking', message(sharesDelivered), 'maskUpdate'],
    ['confirming', message(survivorsClosed), 'confirmSurvivors'],
    ['revealing', message(unmaskRequested), 'revealShares'],
  ] as const)('[P-17] in %s, what is asked again is asked of the session again', (phase, event, effect) => {
    const state = reach(phase);
    const step = stepParticipation(state, event);
    expect(step.state.activity.phase).toBe(phase);
    expect(step.effects.map(({ type }) => type)).toContain(effect);
  });

  it('[P-17] an upload whose acknowledgement was lost has arrived when its owner is told that it survived', () => {
    const step = stepParticipation(reach('uploading'), message(survivorsClosed));
    expect(step.state.activity.phase).toBe('confirming');
    expect(stepParticipation(step.state, { ...answered, type: 'uploadFailed', refused: true }).state).toEqual(
      step.state,
    );
  });

  it.each([
    ['offering', sharesDelivered],
    ['offering', unmaskRequested],
    ['sharing', survivorsClosed],
    ['sharing', granted],
    ['masking', unmaskRequested],
    ['reported', rosterClosed],
    ['reported', unmaskRequested],
    ['confirming', sharesDelivered],
    ['revealing', rosterClosed],
    ['revealing', survivorsClosed],
  ] as const)('[P-17] in %s, %o comes out of turn and changes nothing', (phase, body) => {
    const state = reach(phase);
    expect(stepParticipation(state, message(body))).toEqual({ state, effects: [] });
  });

  it('[P-9] an answer of the session that comes too late is not sent', () => {
    const late: ParticipationEvent[] = [
      { ...answered, type: 'keysOffered', bytes },
      { ...answered, type: 'secretsShared', bytes },
      { ...answered, type: 'updateMasked', announcement },
      { ...answered, type: 'survivorsConfirmed', signature: bytes },
      { ...answered, type: 'secureSumFailed', code: 'secagg-roster-invalid' },
    ];
    const other = play([message(invitationTo(5))], reach('revealing')).state;
    for (const event of late) expect(stepParticipation(other, event)).toEqual({ state: other, effects: [] });
  });

  it.each(['offering', 'sharing', 'masking', 'uploading', 'reported', 'confirming', 'revealing'] as const)(
    '[P-16] a page that is loaded again in %s has lost its secrets and drops out',
    (phase) => {
      const step = stepParticipation(reach(phase), { type: 'restarted', at: at(40) });
      expect(step.state.activity).toMatchObject({ phase: 'waiting', reason: 'secure-sum-lost' });
      expect(step.effects).toContainEqual(expect.objectContaining({ type: 'forgetRound', roundNumber }));
      expect(step.effects).toContainEqual({ type: 'connect' });
      for (const body of [rosterClosed, sharesDelivered, granted, survivorsClosed, unmaskRequested]) {
        const asked = stepParticipation(step.state, message(body, 41));
        expect(asked.state).toEqual(step.state);
        expect(sent(asked.effects)).toEqual([{ type: 'withdraw', roundNumber, reason: 'secure-sum-lost' }]);
      }
    },
  );

  it('[P-2] a page that is loaded again in training goes on training', () => {
    const step = stepParticipation(reach('training'), { type: 'restarted', at: at(10) });
    expect(step.state.activity.phase).toBe('training');
    expect(step.effects.map(({ type }) => type)).toContain('train');
  });

  it.each(['offering', 'sharing', 'masking', 'confirming', 'revealing'] as const)(
    '[P-18] in %s, what its own rules refuse ends its part, and is told with the code',
    (phase) => {
      const code = 'secagg-survivors-invalid';
      const step = stepParticipation(reach(phase), { ...answered, type: 'secureSumFailed', code });
      expect(step.state.activity).toMatchObject({ phase: 'waiting', reason: 'secure-sum-refused', code });
      expect(sent(step.effects)).toEqual([{ type: 'withdraw', roundNumber, reason: 'secure-sum-refused' }]);
      expect(step.effects).toContainEqual(expect.objectContaining({ type: 'forgetRound', roundNumber }));
    },
  );

  it('[P-16] a session that is gone without a reload is told as lost', () => {
    const event = { ...answered, type: 'secureSumFailed', code: 'secagg-state-lost' } as const;
    const step = stepParticipation(reach('sharing'), event);
    expect(step.state.activity).toMatchObject({ phase: 'waiting', reason: 'secure-sum-lost' });
    expect(sent(step.effects)).toEqual([{ type: 'withdraw', roundNumber, reason: 'secure-sum-lost' }]);
  });

  it('[P-7] gives up masking that outlives its deadline', () => {
    const step = stepParticipation(reach('masking'), { type: 'timeAdvanced', at: at(66) });
    expect(step.state.activity).toMatchObject({ phase: 'waiting', reason: 'deadline-passed' });
    expect(sent(step.effects)).toEqual([{ type: 'withdraw', roundNumber, reason: 'out-of-time' }]);
  });
});

describe('[P-19] the model log of invitations', () => {
  const refusedWith = { phase: 'waiting', reason: 'secure-sum-refused', code: 'secagg-equivocation' };

  it('must hold the model of the round', () => {
    const other = 'a'.repeat(64) as BlobHash;
    const step = stepParticipation(STARTED, message({ ...invitationTo(4), modelHash: other }, 1));
    expect(step.state.activity).toMatchObject(refusedWith);
    expect(sent(step.effects)).toEqual([{ type: 'withdraw', roundNumber, reason: 'secure-sum-refused' }]);
  });

  it('must go on from the head that was told before', () => {
    const told = play([message(invitationTo(4), 1)], STARTED).state;
    expect(told.modelLog).toEqual({ roundNumber: 4, head: heads[4] });
    expect(play([message(invitationTo(5), 2)], told).state.activity.phase).toBe('downloading');
    // Another model was in round 4 for whoever made this log.
    const otherHead = modelLogHead(heads[3]!, { roundNumber: 4, modelHash: 'b'.repeat(64) as BlobHash });
    const forked = {
      ...invitationTo(5),
      previousModelLog: otherHead,
      modelLog: modelLogHead(otherHead, { roundNumber: 5, modelHash: MODEL }),
    };
    expect(play([message(forked, 2)], told).state.activity).toMatchObject(refusedWith);
  });

  it('must be the same when an invitation comes again', () => {
    const told = play([message(invitationTo(4), 1)], STARTED).state;
    const previousModelLog = heads[1]!;
    const another = {
      ...invitationTo(4),
      previousModelLog,
      modelLog: modelLogHead(previousModelLog, { roundNumber: 4, modelHash: MODEL }),
    };
    expect(play([message(another, 2)], told).state.activity).toMatchObject(refusedWith);
  });
});
