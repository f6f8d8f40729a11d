import {
  type ClientId,
  instant,
  openRound,
  type RoundEffect,
  type RoundEvent,
  type RoundPlan,
  type RoundState,
  type RoundStep,
  sampleCohort,
  stepRound,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { announcementOf, clientsNamed, MODEL, sentTypes, smallPlan } from './rounds.ts';

/** Feeds a list of events and keeps the last step and all effects. */
function play(opened: RoundStep, events: readonly RoundEvent[]): RoundStep & { all: RoundEffect[] } {
  let step = opened;
  const all = [...opened.effects];
  for (const event of events) {
    step = stepRound(step.state, event);
    all.push(...step.effects);
  }
  return { ...step, all };
}

const at = (seconds: number) => instant(seconds * 1000);
const open = (plan: RoundPlan, candidates: readonly ClientId[] = []) =>
  openRound({
    roundNumber: 7,
    plan,
    seed: 'round-test',
    modelHash: MODEL,
    modelLog: MODEL,
    previousModelLog: MODEL,
    stageSeconds: null,
    at: at(0),
    candidates,
  });

const checkIn = (clientId: ClientId, seconds = 1): RoundEvent => ({
  type: 'clientCheckedIn',
  at: at(seconds),
  clientId,
});
const gone = (clientId: ClientId, seconds: number): RoundEvent => ({
  type: 'clientDisconnected',
  at: at(seconds),
  clientId,
});
const left = (clientId: ClientId, seconds: number): RoundEvent => ({
  type: 'clientLeft',
  at: at(seconds),
  clientId,
});
const tick = (seconds: number): RoundEvent => ({ type: 'timeAdvanced', at: at(seconds) });
const ready = (clientId: ClientId, seconds = 2): RoundEvent => ({
  type: 'trainingFinished',
  at: at(seconds),
  roundNumber: 7,
  clientId,
  announcement: announcementOf(clientId),
});
const update = (clientId: ClientId, seconds = 4): RoundEvent => ({
  type: 'updateReceived',
  at: at(seconds),
  roundNumber: 7,
  clientId,
  updateHash: announcementOf(clientId).updateHash,
});
const rosterPersisted: RoundEvent = { type: 'rosterPersisted', at: at(3), roundNumber: 7, beacon: null };

const plan = smallPlan({ reportGoal: 3, overSelection: 1.3, minimumSurvivors: 2 });
const four = clientsNamed(4);
const [a, b, c, d] = four as [ClientId, ClientId, ClientId, ClientId];
const phase = (state: RoundState) =>
  state.phase === 'abandoned' ? `abandoned: ${state.reason}` : state.phase;

describe('selecting', () => {
  it('[R-1] runs no clock while fewer than the minimum are present', () => {
    const step = play(open(plan), [checkIn(a), tick(10_000)]);
    expect(phase(step.state)).toBe('selecting');
    expect(step.all.filter((effect) => effect.type === 'wakeAt')).toEqual([]);
  });

  it('[R-1] waits for more from the moment the minimum is present, then takes who is there', () => {
    const waiting = play(open(plan), [checkIn(a, 1), checkIn(b, 2)]);
    expect(waiting.all).toContainEqual({ type: 'wakeAt', at: at(2 + plan.selectionSeconds) });
    expect(phase(play(waiting, [tick(1.9 + plan.selectionSeconds)]).state)).toBe('selecting');
    const invited = play(waiting, [tick(2 + plan.selectionSeconds)]);
    expect(phase(invited.state)).toBe('training');
    expect(sentTypes(invited.effects, 'invited').sort()).toEqual([a, b].sort());
  });

  it('[R-1] disarms the clock when a leaver takes the minimum away', () => {
    const step = play(open(plan), [checkIn(a, 1), checkIn(b, 2), left(a, 3), tick(1000)]);
    expect(phase(step.state)).toBe('selecting');
  });

  it('[R-2] invites a seeded sample at once when enough are present, and tells the others to wait', () => {
    const ten = clientsNamed(10);
    const step = open(plan, ten);
    expect(phase(step.state)).toBe('training');
    const invited = sentTypes(step.effects, 'invited');
    expect(invited).toHaveLength(4);
    expect(sentTypes(step.effects, 'comeBack')).toHaveLength(6);
    expect(sentTypes(open(plan, [...ten].reverse()).effects, 'invited').sort()).toEqual([...invited].sort());
    expect(step.effects[0]).toEqual({ type: 'persist' });
  });

  it('[R-2] samples uniformly (chi-squared over 20 candidates, 19 degrees, 99.9 %: 43.8)', () => {
    const twenty = clientsNamed(20);
    const counts = new Map<string, number>();
    for (let i = 0; i < 4000; i += 1) {
      for (const id of sampleCohort(twenty, { count: 5, seed: `${i}` }))
        counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    // Without replacement the statistic shrinks by (20 - 5) / 19; undo that before comparing.
    const chiSquared =
      twenty.reduce((sum, id) => sum + ((counts.get(id) ?? 0) - 1000) ** 2 / 1000, 0) * (19 / 15);
    expect(chiSquared).toBeLessThan(43.8);
  });
});

describe('training', () => {
  it('[R-3] closes the cohort at the report goal and releases the others', () => {
    const step = play(open(plan, four), [ready(a), ready(b), ready(c)]);
    expect(phase(step.state)).toBe('cohortClosed');
    expect(step.effects[0]).toEqual({ type: 'persistRoster', roundNumber: 7 });
    expect(sentTypes(step.effects, 'released')).toEqual([d]);
  });

  it('[R-4] closes as soon as nobody is left to wait for', () => {
    const step = play(open(plan, four), [ready(a), ready(b), left(c, 5), left(d, 6)]);
    expect(phase(step.state)).toBe('cohortClosed');
  });

  it('[R-5] is abandoned as soon as too few can remain, without waiting for the deadline', () => {
    const step = play(open(plan, four), [left(a, 2), left(b, 2), left(c, 3)]);
    expect(phase(step.state)).toBe('abandoned: too-few-ready');
    expect(sentTypes(step.effects, 'roundAbandoned')).toEqual([d]);
  });

  it('[R-6] a broken connection has a grace, and coming back inside it changes nothing', () => {
    const grace = plan.rejoinSeconds;
    const away = play(open(plan, four), [ready(a), ready(b), left(c, 2), gone(d, 5)]);
    expect(phase(away.state)).toBe('training');
    expect(away.effects).toContainEqual({ type: 'wakeAt', at: at(5 + grace) });
    const back = play(away, [checkIn(d, 5 + grace - 1), tick(5 + grace)]);
    expect(phase(back.state)).toBe('training');
    expect(sentTypes(back.all.slice(-5), 'invited')).toEqual([d]);
    expect(phase(play(away, [tick(5 + grace)]).state)).toBe('cohortClosed');
  });

  it('[R-6] somebody who is ready but away is not put into the cohort', () => {
    const step = play(open(plan, four), [ready(a), gone(a, 2.5), ready(b), ready(c), ready(d)]);
    expect(phase(step.state)).toBe('cohortClosed');
    if (step.state.phase !== 'cohortClosed') throw new Error('unreachable');
    expect(step.state.cohort.map((member) => member.clientId).sort()).toEqual([b, c, d].sort());
  });

  it('[R-7] at the deadline goes on with the minimum, or gives up', () => {
    const end = plan.trainingSeconds;
    expect(phase(play(open(plan, four), [ready(a), ready(b), tick(end)]).state)).toBe('cohortClosed');
    expect(phase(play(open(plan, four), [ready(a), tick(end)]).state)).toBe('abandoned: too-few-ready');
  });

  it('[R-15] strangers, the dropped, and other rounds are refused and change nothing', () => {
    const step = play(open(plan, four), [left(d, 1)]);
    const stranger = clientsNamed(6)[5]!;
    for (const [event, code] of [
      [ready(stranger), 'not-a-member'],
      [ready(d), 'not-a-member'],
      [{ ...ready(a), roundNumber: 6 } as RoundEvent, 'round-mismatch'],
      [{ ...ready(a), roundNumber: 9999 } as RoundEvent, 'round-mismatch'],
      [update(a), 'phase-mismatch'],
    ] as const) {
      const refused = stepRound(step.state, event);
      expect(refused.state).toEqual(step.state);
      expect(refused.effects).toMatchObject([{ type: 'refuse', code }]);
    }
  });
});

describe('cohort closed and reporting', () => {
  const closed = play(open(plan, four), [ready(a), ready(b), ready(c)]);
  const reporting = play(closed, [rosterPersisted]);

  it('[R-8] grants no upload before the roster is durable', () => {
    expect(sentTypes(closed.all, 'uploadGranted')).toEqual([]);
    expect(stepRound(closed.state, update(a)).effects).toMatchObject([
      { type: 'refuse', code: 'phase-mismatch' },
    ]);
    expect(sentTypes(reporting.effects, 'uploadGranted').sort()).toEqual([a, b, c].sort());
    expect(reporting.effects[0]).toEqual({ type: 'persist' });
  });

  it('[R-9] an announcement that comes again after the cohort closed with it is no fault; another one is', () => {
    for (const { state } of [closed, reporting, play(reporting, [update(a), update(b), update(c)])]) {
      expect(stepRound(state, ready(a))).toEqual({ state, effects: [] });
      const other = { ...ready(a), announcement: announcementOf(a, 'another') } as RoundEvent;
      expect(stepRound(state, other).effects).toMatchObject([{ type: 'refuse', code: 'phase-mismatch' }]);
      expect(stepRound(state, ready(d)).effects).toMatchObject([{ type: 'refuse', code: 'phase-mismatch' }]);
    }
  });

  it('[R-8] ignores the answer to another round', () => {
    expect(stepRound(closed.state, { ...rosterPersisted, roundNumber: 6 }).state).toEqual(closed.state);
  });

  it('[R-9] counts an update once; the same again is answered as before; another one is refused', () => {
    const once = stepRound(reporting.state, update(a));
    expect(once.effects).toEqual([{ type: 'persist' }]);
    const again = stepRound(once.state, update(a));
    expect(again).toEqual({ state: once.state, effects: [] });
    const other = stepRound(once.state, {
      ...update(a),
      updateHash: announcementOf(b).updateHash,
    } as RoundEvent);
    expect(other.state).toEqual(once.state);
    expect(other.effects).toMatchObject([{ code: 'report-duplicate' }]);
  });

  it('[R-9] refuses an update that was not announced, and one of somebody outside the cohort', () => {
    const swapped = stepRound(reporting.state, {
      ...update(a),
      updateHash: announcementOf(b).updateHash,
    } as RoundEvent);
    expect(swapped.effects).toMatchObject([{ code: 'update-hash-mismatch' }]);
    expect(stepRound(reporting.state, update(d)).effects).toMatchObject([{ code: 'not-a-member' }]);
  });

  it('[R-10] [R-11] aggregates the survivors in the order of their ids when all have reported', () => {
    const step = play(reporting, [update(c), update(a), update(b)]);
    expect(phase(step.state)).toBe('aggregating');
    const aggregate = step.effects.find((effect) => effect.type === 'aggregate');
    expect(aggregate?.survivors.map((survivor) => survivor.clientId)).toEqual([a, b, c].sort());
  });

  it('[R-11] a leaver in reporting does not stall the round', () => {
    expect(phase(play(reporting, [update(a), update(b), left(c, 5)]).state)).toBe('aggregating');
    expect(phase(play(reporting, [update(a), left(b, 5), left(c, 5)]).state)).toBe(
      'abandoned: too-few-survivors',
    );
  });

  it('[R-11] whoever has reported may go: the update stays', () => {
    const step = play(reporting, [update(a), left(a, 4.5), update(b), update(c)]);
    const aggregate = step.effects.find((effect) => effect.type === 'aggregate');
    expect(aggregate?.survivors).toHaveLength(3);
  });

  it('[R-11] at the deadline goes on with the minimum, or gives up', () => {
    const end = 3 + plan.reportingSeconds;
    const closedByTime = play(reporting, [update(a), update(b), tick(end)]);
    expect(phase(closedByTime.state)).toBe('aggregating');
    expect(sentTypes(closedByTime.effects, 'released')).toEqual([c]);
    expect(phase(play(reporting, [update(a), tick(end)]).state)).toBe('abandoned: too-few-survivors');
  });

  it('[R-11] a refused update drops its sender', () => {
    const refused: RoundEvent = { type: 'updateRefused', at: at(4), roundNumber: 7, clientId: c };
    const step = play(reporting, [update(a), update(b), refused]);
    expect(phase(step.state)).toBe('aggregating');
  });

  it('[R-6] a member that returns is granted its upload again', () => {
    const step = play(reporting, [gone(a, 4), checkIn(a, 5)]);
    expect(sentTypes(step.effects, 'uploadGranted')).toEqual([a]);
  });

  it('[R-11] commits on the answer to its own aggregate, and tells everybody in the cohort', () => {
    const aggregating = play(reporting, [update(a), update(b), left(c, 5)]);
    const wrong: RoundEvent = { type: 'aggregated', at: at(9), roundNumber: 6, modelHash: MODEL };
    expect(stepRound(aggregating.state, wrong).state).toEqual(aggregating.state);
    const next = announcementOf(d).updateHash;
    const committed = stepRound(aggregating.state, {
      ...wrong,
      roundNumber: 7,
      modelHash: next,
    } as RoundEvent);
    expect(committed.state).toMatchObject({ phase: 'committed', nextModelHash: next });
    const accepted = committed.effects.flatMap((effect) =>
      effect.type === 'send' && effect.message.type === 'roundCommitted' && effect.message.accepted
        ? [effect.to]
        : [],
    );
    expect(accepted.sort()).toEqual([a, b].sort());
  });

  it('[R-17] keeps when it entered each phase', () => {
    const aggregating = play(reporting, [update(a), update(b), left(c, 5)]);
    expect(aggregating.state.timeline).toEqual([
      { phase: 'selecting', at: at(0) },
      { phase: 'training', at: at(0) },
      { phase: 'cohortClosed', at: at(2) },
      { phase: 'reporting', at: at(3) },
      { phase: 'aggregating', at: at(5) },
    ]);
    const abandoned = stepRound(reporting.state, { type: 'stopped', at: at(6) }).state;
    expect(abandoned.timeline.at(-1)).toEqual({ phase: 'abandoned', at: at(6) });
  });
});

describe('restart', () => {
  it('[R-12] in training everybody gets the grace to come back, and the work goes on', () => {
    const step = play(open(plan, four), [ready(a), { type: 'restarted', at: at(1000) }]);
    expect(phase(step.state)).toBe('training');
    expect(step.effects).toContainEqual({ type: 'wakeAt', at: at(1000 + plan.rejoinSeconds) });
    const back = play(step, [
      checkIn(a, 1001),
      checkIn(b, 1002),
      checkIn(c, 1003),
      ready(b, 1004),
      ready(c, 1005),
    ]);
    expect(phase(back.state)).toBe('cohortClosed');
    expect(phase(play(step, [tick(1000 + plan.rejoinSeconds - 1)]).state)).toBe('training');
    expect(phase(play(step, [tick(1000 + plan.rejoinSeconds)]).state)).toBe('abandoned: too-few-ready');
    const late = play(step, [checkIn(a, 1001), checkIn(b, 1002), tick(1000 + plan.rejoinSeconds - 1)]);
    expect(phase(play(late, [ready(a, 1020), ready(b, 1020)]).state)).toBe('training');
  });

  it('[R-12] a clock that was set back while nobody ran does not make a deadline wait for it', () => {
    const longAgo = -1_000_000;
    const restarted: RoundEvent = { type: 'restarted', at: at(longAgo) };
    const training = play(open(plan, four), [restarted, checkIn(a, longAgo), checkIn(b, longAgo)]);
    const reporting = play(open(plan, four), [ready(a), ready(b), ready(c), rosterPersisted, restarted]);
    for (const [{ state }, seconds] of [
      [training, plan.trainingSeconds],
      [reporting, plan.reportingSeconds],
    ] as const) {
      expect(state).toMatchObject({ closesAt: at(longAgo + seconds) });
    }
    expect(phase(play(training, [tick(longAgo + plan.trainingSeconds)]).state)).toMatch(/^abandoned/);
  });

  it('[R-12] asks again for what may not have happened', () => {
    const closed = play(open(plan, four), [ready(a), ready(b), ready(c)]);
    const restarted: RoundEvent = { type: 'restarted', at: at(1000) };
    expect(stepRound(closed.state, restarted).effects).toContainEqual({
      type: 'persistRoster',
      roundNumber: 7,
    });
    const aggregating = play(closed, [rosterPersisted, update(a), update(b), update(c)]);
    const asked = aggregating.effects.find((effect) => effect.type === 'aggregate');
    expect(stepRound(aggregating.state, restarted).effects).toEqual([asked]);
  });
});
