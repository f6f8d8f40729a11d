import {
  type BlobHash,
  type ClientId,
  emptyModelLog,
  instant,
  modelLogHead,
  openRun,
  type RunEffect,
  type RunEvent,
  type RunId,
  type RunState,
  stepRun,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { smallManifest } from './manifests.ts';
import { announcementOf, clientsNamed, MODEL, sentTypes, smallPlan } from './rounds.ts';

const now = instant(0);
const plan = smallPlan({ reportGoal: 2, minimumSurvivors: 1, overSelection: 1, committedRounds: 2 });
const [a, b, late] = clientsNamed(3) as [ClientId, ClientId, ClientId];
const nextModel = (round: number) => announcementOf(a, `model ${round}`).updateHash;

function feed(state: RunState, events: readonly RunEvent[]) {
  let step = stepRun(state, events[0]!);
  const effects = [...step.effects];
  for (const event of events.slice(1)) {
    step = stepRun(step.state, event);
    effects.push(...step.effects);
  }
  return { state: step.state, last: step.effects, effects };
}

const created = openRun({
  runId: 'run-a' as RunId,
  manifest: { ...smallManifest(), seed: 's', rounds: plan },
  modelHash: MODEL,
});
const launched = feed(created, [
  { type: 'clientCheckedIn', at: now, clientId: a },
  { type: 'clientCheckedIn', at: now, clientId: b },
  { type: 'resumeRequested', at: now },
]);

/** Everything between an invitation and a commit. */
function wholeRound(roundNumber: number): RunEvent[] {
  const members = [a, b];
  return [
    ...members.map(
      (clientId): RunEvent => ({
        type: 'trainingFinished',
        at: now,
        roundNumber,
        clientId,
        announcement: announcementOf(clientId),
      }),
    ),
    { type: 'rosterPersisted', at: now, roundNumber, beacon: null },
    ...members.map(
      (clientId): RunEvent => ({
        type: 'updateReceived',
        at: now,
        roundNumber,
        clientId,
        updateHash: announcementOf(clientId).updateHash,
      }),
    ),
    { type: 'aggregated', at: now, roundNumber, modelHash: nextModel(roundNumber) },
  ];
}

describe('the run machine', () => {
  it('[N-1] a new run is paused until it is launched, and says so to whoever checks in', () => {
    const step = stepRun(created, { type: 'clientCheckedIn', at: now, clientId: a });
    expect(step.state.status).toBe('paused');
    expect(step.effects).toMatchObject([
      { type: 'send', to: a, message: { type: 'comeBack', reason: 'run-paused' } },
    ]);
    expect(launched.state).toMatchObject({ status: 'running', roundNumber: 1, committedRounds: 0 });
    expect(sentTypes(launched.last, 'invited').sort()).toEqual([a, b].sort());
  });

  it('[N-2] records a round before anybody hears of its outcome, and opens the next from its model', () => {
    const step = feed(launched.state, wholeRound(1));
    expect(step.last[0]).toMatchObject({ type: 'recordRound', round: { phase: 'committed' } });
    expect(step.state).toMatchObject({ roundNumber: 2, committedRounds: 1, modelHash: nextModel(1) });
    expect(step.last).toContainEqual({ type: 'evaluate', roundNumber: 1, modelHash: nextModel(1) });
    expect(step.state.round).toMatchObject({ phase: 'training', modelHash: nextModel(1) });
  });

  it('[N-1] completes after the planned number of committed rounds and tells everybody present', () => {
    const step = feed(launched.state, [
      { type: 'clientCheckedIn', at: now, clientId: late },
      ...wholeRound(1),
    ]);
    // The second round may have drawn the late one; drive whoever was invited.
    const invited = sentTypes(step.last, 'invited');
    const second = feed(step.state, [
      ...invited.map(
        (clientId): RunEvent => ({
          type: 'trainingFinished',
          at: now,
          roundNumber: 2,
          clientId,
          announcement: announcementOf(clientId),
        }),
      ),
      { type: 'rosterPersisted', at: now, roundNumber: 2, beacon: null },
      ...invited.map(
        (clientId): RunEvent => ({
          type: 'updateReceived',
          at: now,
          roundNumber: 2,
          clientId,
          updateHash: announcementOf(clientId).updateHash,
        }),
      ),
      { type: 'aggregated', at: now, roundNumber: 2, modelHash: nextModel(2) },
    ]);
    expect(second.state).toMatchObject({ status: 'completed', round: null, committedRounds: 2 });
    expect(sentTypes(second.last, 'runEnded').sort()).toEqual([a, b, late].sort());
    const later = stepRun(second.state, { type: 'clientCheckedIn', at: now, clientId: a });
    expect(sentTypes(later.effects, 'runEnded')).toEqual([a]);
  });

  it('[N-1] an abandoned round uses up its number but not the model', () => {
    const step = feed(launched.state, [
      { type: 'clientLeft', at: now, clientId: a },
      { type: 'clientLeft', at: now, clientId: b },
    ]);
    expect(step.last[0]).toMatchObject({ type: 'recordRound', round: { phase: 'abandoned' } });
    expect(step.state).toMatchObject({ roundNumber: 2, committedRounds: 0, modelHash: MODEL });
    expect(step.state.round?.phase).toBe('selecting');
  });

  it('[N-3] pausing lets the round in progress finish, and resuming goes on', () => {
    const pausing = stepRun(launched.state, { type: 'pauseRequested', at: now });
    expect(pausing.state.status).toBe('pausing');
    const paused = feed(pausing.state, wholeRound(1));
    expect(paused.state).toMatchObject({ status: 'paused', round: null, committedRounds: 1 });
    expect(sentTypes(paused.last, 'comeBack').sort()).toEqual([a, b].sort());
    const resumed = stepRun(paused.state, { type: 'resumeRequested', at: now });
    expect(resumed.state).toMatchObject({ status: 'running', roundNumber: 2 });
    expect(stepRun(pausing.state, { type: 'resumeRequested', at: now }).state.status).toBe('running');
  });

  it('[N-3] pausing while nobody is invited takes effect at once and wastes no round number', () => {
    const alone = stepRun(created, { type: 'resumeRequested', at: now });
    const paused = stepRun(alone.state, { type: 'pauseRequested', at: now });
    expect(paused.state).toMatchObject({ status: 'paused', roundNumber: 0, round: null });
  });

  it('[N-4] stopping abandons the round, records it, and is final', () => {
    const step = stepRun(launched.state, { type: 'stopRequested', at: now });
    expect(step.state).toMatchObject({ status: 'stopped', round: null, modelHash: MODEL });
    expect(step.effects[0]).toMatchObject({
      type: 'recordRound',
      round: { phase: 'abandoned', reason: 'stopped' },
    });
    expect(sentTypes(step.effects, 'runEnded').sort()).toEqual([a, b].sort());
    expect(stepRun(step.state, { type: 'resumeRequested', at: now })).toEqual({
      state: step.state,
      effects: [],
    });
  });

  it('[N-6] goes back to the model of an earlier round, paused, and never uses a round number twice', () => {
    const paused = feed(launched.state, [{ type: 'pauseRequested', at: now }, ...wholeRound(1)]).state;
    const back = {
      type: 'rollBackRequested',
      at: now,
      toRound: 0,
      modelHash: MODEL,
      committedRounds: 0,
    } as const;
    const step = stepRun(paused, back);
    expect(step.state).toMatchObject({ status: 'paused', modelHash: MODEL, committedRounds: 0, round: null });
    expect(step.effects).toEqual([{ type: 'recordRollBack', toRound: 0 }]);
    const resumed = stepRun(step.state, { type: 'resumeRequested', at: now });
    expect(resumed.state).toMatchObject({ roundNumber: 2, round: { modelHash: MODEL } });

    const completed = { ...paused, status: 'completed' } as const;
    expect(stepRun(completed, back).state.status).toBe('paused');
    for (const state of [launched.state, { ...paused, status: 'stopped' } as const]) {
      expect(stepRun(state, back)).toEqual({ state, effects: [] });
    }
  });

  it('[R-16] a round that a withdrawal ends is not followed by one with the same member until it offers itself', () => {
    const withdrawn = (clientId: ClientId): RunEvent => ({
      type: 'clientWithdrew',
      at: now,
      roundNumber: 1,
      clientId,
    });
    const one = stepRun(launched.state, withdrawn(a));
    expect(one.state).toMatchObject({ roundNumber: 1, present: [a, b], round: { phase: 'training' } });
    const both = stepRun(one.state, withdrawn(b));
    expect(sentTypes(both.effects, 'roundAbandoned')).toEqual([]);
    expect(both.effects[0]).toMatchObject({ type: 'recordRound', round: { reason: 'too-few-ready' } });
    expect(both.state).toMatchObject({
      roundNumber: 2,
      present: [a, b],
      round: { phase: 'selecting', candidates: [] },
    });
    const back = stepRun(both.state, { type: 'clientCheckedIn', at: now, clientId: a });
    expect(back.state.round).toMatchObject({ candidates: [a] });
  });

  it('who is barred finishes the round it is in, and is in no later one', () => {
    const barred = stepRun(launched.state, { type: 'clientBarred', at: now, clientId: a });
    expect(barred.effects).toEqual([]);
    expect(barred.state.round).toEqual(launched.state.round);
    const step = feed(barred.state, wholeRound(1));
    expect(sentTypes(step.last, 'roundCommitted').sort()).toEqual([a, b].sort());
    expect(step.state).toMatchObject({ roundNumber: 2, present: [a, b], round: { candidates: [b] } });
    const gathering = stepRun(step.state, { type: 'clientBarred', at: now, clientId: b });
    expect(gathering.state).toMatchObject({ present: [a, b], round: { phase: 'selecting', candidates: [] } });
  });

  it('[R-16] who lets a deadline pass is in no later round until it offers itself, and costs none of them its deadline', () => {
    const late = instant(plan.trainingSeconds * 1000);
    const atDeadline = feed(launched.state, [
      {
        type: 'trainingFinished',
        at: now,
        roundNumber: 1,
        clientId: a,
        announcement: announcementOf(a),
      },
      { type: 'timeAdvanced', at: late },
    ]);
    expect(atDeadline.state).toMatchObject({
      present: [a, b],
      resting: [b],
      round: { phase: 'cohortClosed' },
    });
    // Offering itself while the round goes on is enough for the next one.
    const offered = stepRun(atDeadline.state, { type: 'clientCheckedIn', at: late, clientId: b });
    const { updateHash } = announcementOf(a);
    const rest: RunEvent[] = [
      { type: 'rosterPersisted', at: late, roundNumber: 1, beacon: null },
      { type: 'updateReceived', at: late, roundNumber: 1, clientId: a, updateHash },
      { type: 'aggregated', at: late, roundNumber: 1, modelHash: nextModel(1) },
    ];
    expect(feed(atDeadline.state, rest).state.round).toMatchObject({ roundNumber: 2, candidates: [a] });
    expect(sentTypes(feed(offered.state, rest).last, 'invited').sort()).toEqual([a, b].sort());

    const nobodyReady = stepRun(launched.state, { type: 'timeAdvanced', at: late });
    expect(nobodyReady.state).toMatchObject({ present: [a, b], round: { roundNumber: 2, candidates: [] } });
    const nothingUploaded = feed(atDeadline.state, [
      rest[0]!,
      { type: 'timeAdvanced', at: instant(late + plan.reportingSeconds * 1000) },
    ]);
    expect(nothingUploaded.state).toMatchObject({
      present: [a, b],
      round: { roundNumber: 2, candidates: [] },
    });
  });

  it('[R-16] a state that was stored before there were withdrawals goes on', () => {
    const { resting: _, ...stored } = launched.state;
    const restarted = stepRun(stored as RunState, { type: 'restarted', at: now });
    const step = feed(restarted.state, [
      { type: 'clientCheckedIn', at: now, clientId: b },
      { type: 'clientWithdrew', at: now, roundNumber: 1, clientId: a },
    ]);
    expect(step.state).toMatchObject({ resting: [a], present: [b] });
  });

  it('[R-16] who withdraws, or leaves, and checks in again gets no second seat in the round', () => {
    for (const goes of ['clientWithdrew', 'clientLeft'] as const) {
      const step = feed(launched.state, [
        { type: goes, at: now, roundNumber: 1, clientId: a },
        { type: 'clientCheckedIn', at: now, clientId: a },
      ]);
      expect(sentTypes(step.last, 'comeBack')).toEqual([a]);
      expect(sentTypes(step.effects, 'invited')).toEqual([]);
      const ready = stepRun(step.state, {
        type: 'trainingFinished',
        at: now,
        roundNumber: 1,
        clientId: a,
        announcement: announcementOf(a),
      });
      expect(ready.effects).toMatchObject([{ type: 'refuse', code: 'not-a-member' }]);
    }
  });

  it('[R-15] without a round, reports and updates are refused', () => {
    const step = stepRun(created, {
      type: 'updateReceived',
      at: now,
      roundNumber: 1,
      clientId: a,
      updateHash: MODEL,
    });
    expect(step.effects).toMatchObject([{ type: 'refuse', to: a, code: 'run-not-open' }]);
  });
});

describe('[N-7] the model log', () => {
  const first = emptyModelLog('run-a' as RunId);
  const headOf = (previous: BlobHash, roundNumber: number, modelHash: BlobHash) =>
    modelLogHead(previous, { roundNumber, modelHash });
  const logsTold = (effects: readonly RunEffect[]) =>
    effects.flatMap((effect) =>
      effect.type === 'send' && effect.message.type === 'invited' && effect.to === a
        ? [[effect.message.previousModelLog, effect.message.modelLog]]
        : [],
    );

  it('gets the starting model of each round, and members are told both heads', () => {
    const one = headOf(first, 1, MODEL);
    const two = headOf(one, 2, nextModel(1));
    expect(logsTold(launched.effects)).toEqual([[first, one]]);
    const later = feed(launched.state, wholeRound(1));
    expect(later.state.modelLog).toBe(two);
    expect(logsTold(later.effects)).toEqual([[one, two]]);
  });

  it('has no round that never happened', () => {
    const waiting = feed(created, [{ type: 'resumeRequested', at: now }]);
    expect(waiting.state.round?.phase).toBe('selecting');
    const paused = feed(waiting.state, [{ type: 'pauseRequested', at: now }]);
    expect(paused.state).toMatchObject({ roundNumber: 0, modelLog: first });
  });

  it('begins in a state that was stored before there was one', () => {
    const { modelLog: _, secureAggregation: __, ...run } = launched.state;
    const { modelLog: ___, previousModelLog: ____, stageSeconds: _____, ...round } = run.round!;
    const restarted = stepRun({ ...run, round } as RunState, { type: 'restarted', at: now });
    const one = headOf(first, 1, MODEL);
    expect(restarted.state).toMatchObject({ modelLog: one, secureAggregation: { mode: 'off' } });
    const back = stepRun(restarted.state, { type: 'clientCheckedIn', at: now, clientId: a });
    expect(logsTold(back.effects)).toEqual([[first, one]]);
  });
});

describe('[R-26] the smallest cohort of a plan with secure aggregation', () => {
  const everybody = clientsNamed(8);
  const secureAggregation = {
    mode: 'sa-1',
    corruptFraction: 0.1,
    dropoutFraction: 0.1,
    adversary: 'semi-malicious',
    graph: 'auto',
    stageSeconds: 30,
  } as const;
  const rounds = smallPlan({ reportGoal: 8, minimumSurvivors: 3, overSelection: 1, selectionSeconds: 10 });
  const withPresent = (count: number) => {
    const opened = openRun({
      runId: 'run-a' as RunId,
      manifest: { ...smallManifest(), seed: 's', rounds, secureAggregation },
      modelHash: MODEL,
    });
    return feed(opened, [
      { type: 'resumeRequested', at: now },
      ...everybody
        .slice(0, count)
        .map((clientId): RunEvent => ({ type: 'clientCheckedIn', at: now, clientId })),
      { type: 'timeAdvanced', at: instant(11_000) },
    ]);
  };

  it('is five at a tenth corrupt and a tenth lost: four are not invited', () => {
    expect(sentTypes(withPresent(4).effects, 'invited')).toEqual([]);
    expect(sentTypes(withPresent(5).effects, 'invited')).toHaveLength(5);
  });

  it('is left as soon as too few can be ready', () => {
    const [gone] = everybody;
    const invited = withPresent(5).state;
    expect(invited.round).toMatchObject({ phase: 'training', minimumCohort: 5 });
    const step = stepRun(invited, { type: 'clientLeft', at: instant(12_000), clientId: gone! });
    expect(step.effects).toContainEqual(
      expect.objectContaining({
        type: 'recordRound',
        round: expect.objectContaining({ phase: 'abandoned', reason: 'too-few-ready' }),
      }),
    );
  });
});
