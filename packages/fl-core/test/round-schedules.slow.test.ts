/** Laws of the run and round machines over random schedules of events. */
import {
  type ClientId,
  type Instant,
  instant,
  membersOf,
  openRun,
  type RoundState,
  type RunEffect,
  type RunEvent,
  type RunId,
  type RunState,
  stepRun,
} from '@tributary/fl-core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smallManifest } from './manifests.ts';
import { announcementOf, clientsNamed, MODEL, smallPlan } from './rounds.ts';
import { answerOf, TUNED, watchEncodings } from './tuned-schedules.ts';

const POPULATION = clientsNamed(8);
const client = fc.integer({ min: 0, max: POPULATION.length - 1 });
/** Mostly moments, sometimes long enough for a grace or a deadline to pass. */
const seconds = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: 0, max: 0.5, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 400, noNaN: true }) },
);

/** A move of a schedule; `who` and `after` are read as the move needs them. */
const moveArbitrary = fc.record({
  kind: fc.constantFrom(
    ...([
      'checkIn',
      'checkIn',
      'checkIn',
      'everybodyChecksIn',
      'disconnect',
      'leave',
      'withdraw',
      'staleWithdraw',
      'pause',
      'resume',
    ] as const),
    ...(['ready', 'ready', 'everybodyReady', 'staleReady', 'refuseUpload', 'foreignUpload', 'fail'] as const),
    ...(['upload', 'upload', 'everybodyUploads', 'tick', 'answer', 'answer', 'answer', 'restart'] as const),
  ),
  who: client,
  after: seconds,
});
type Move = typeof moveArbitrary extends fc.Arbitrary<infer T> ? T : never;

const planArbitrary = fc
  .record({
    reportGoal: fc.integer({ min: 1, max: 5 }),
    minimumSurvivors: fc.integer({ min: 1, max: 5 }),
    overSelection: fc.constantFrom(1, 1.3, 2),
    committedRounds: fc.integer({ min: 1, max: 3 }),
  })
  .map((plan) => smallPlan({ ...plan, minimumSurvivors: Math.min(plan.minimumSurvivors, plan.reportGoal) }));

/** A runner that notes everything, keeps unanswered effects, and checks the laws at every step. */
class Harness {
  state: RunState;
  now: Instant = instant(0);
  wakes: Instant[] = [];
  pending: RunEffect[] = [];
  finished: RoundState[] = [];
  goalReached = new Map<number, number>();
  withdrawals = 0;
  encodings = watchEncodings(law);
  private sums = 0;

  private readonly serialise: boolean;

  constructor(state: RunState, serialise = false) {
    this.state = state;
    this.serialise = serialise;
  }

  feed(event: RunEvent): void {
    const before = this.serialise ? (JSON.parse(JSON.stringify(this.state)) as RunState) : this.state;
    const step = stepRun(before, event);
    this.state = step.state;
    for (const effect of step.effects) this.note(effect);
    checkLaws(this.state);
  }

  move(move: Move): void {
    this.now = instant(this.now + move.after * 1000);
    const at = this.now;
    const clientId = POPULATION[move.who]!;
    const roundNumber = this.state.roundNumber;
    switch (move.kind) {
      case 'checkIn':
        this.feed({ type: 'clientCheckedIn', at, clientId });
        return;
      case 'everybodyChecksIn':
        for (const id of POPULATION) this.feed({ type: 'clientCheckedIn', at, clientId: id });
        return;
      case 'everybodyReady':
      case 'everybodyUploads':
        for (let who = 0; who < POPULATION.length; who += 1) {
          this.move({ kind: move.kind === 'everybodyReady' ? 'ready' : 'upload', who, after: 0 });
        }
        return;
      case 'disconnect':
        this.feed({ type: 'clientDisconnected', at, clientId });
        return;
      case 'leave':
        this.feed({ type: 'clientLeft', at, clientId });
        return;
      case 'withdraw':
      case 'staleWithdraw': {
        const stale = move.kind === 'staleWithdraw' ? 1 : 0;
        this.withdraw({ at, clientId, roundNumber: roundNumber - stale });
        return;
      }
      case 'ready':
      case 'staleReady': {
        const stale = move.kind === 'staleReady' ? 1 : 0;
        const announcement = announcementOf(clientId);
        this.feed({
          type: 'trainingFinished',
          at,
          roundNumber: roundNumber - stale,
          clientId,
          announcement,
        });
        return;
      }
      case 'upload':
      case 'foreignUpload': {
        const { updateHash } = announcementOf(clientId, move.kind === 'upload' ? '' : 'foreign');
        this.feed({ type: 'updateReceived', at, roundNumber, clientId, updateHash });
        return;
      }
      case 'refuseUpload':
        this.feed({ type: 'updateRefused', at, roundNumber, clientId });
        return;
      case 'tick':
        this.feed({ type: 'timeAdvanced', at });
        return;
      case 'answer':
        this.answerOne();
        return;
      case 'fail':
        this.feed({ type: 'aggregationFailed', at, roundNumber });
        return;
      case 'restart':
        this.pending = [];
        this.feed({ type: 'restarted', at });
        return;
      case 'pause':
        this.feed({ type: 'pauseRequested', at });
        return;
      case 'resume':
        this.feed({ type: 'resumeRequested', at });
        return;
    }
  }

  /** Whoever withdraws stays present, and is in no round until it has offered itself again. */
  private withdraw(event: { at: Instant; clientId: ClientId; roundNumber: number }): void {
    const before = this.state;
    this.feed({ type: 'clientWithdrew', ...event });
    law(before.present.includes(event.clientId) === this.state.present.includes(event.clientId), 'left');
    const isResting = ({ resting }: RunState): boolean => resting.includes(event.clientId);
    if (isResting(before) || !isResting(this.state)) return;
    const { round } = this.state;
    const isActive =
      round !== null &&
      (round.phase === 'selecting'
        ? round.candidates.includes(event.clientId)
        : membersOf(round).some(({ clientId, stage }) => clientId === event.clientId && stage !== 'dropped'));
    this.withdrawals += 1;
    law(!isActive, 'withdrawn, and still a member');
  }

  /** Answers the oldest effect that waits for an answer. */
  answerOne(): void {
    const effect = this.pending.shift();
    if (effect?.type === 'persistRoster') {
      this.feed({ type: 'rosterPersisted', at: this.now, roundNumber: effect.roundNumber, beacon: null });
    } else if (effect?.type === 'aggregate') {
      const { updateHash: modelHash } = announcementOf(POPULATION[0]!, `model ${effect.roundNumber}`);
      const { roundNumber } = effect;
      this.sums += 1;
      this.feed({ ...answerOf(this.state, this.sums), at: this.now, roundNumber, modelHash });
    }
  }

  private note(effect: RunEffect): void {
    this.encodings.see(effect);
    if (effect.type === 'wakeAt') this.wakes.push(effect.at);
    if (effect.type === 'persistRoster' || effect.type === 'aggregate') this.pending.push(effect);
    if (effect.type === 'recordRound') this.finished.push(effect.round);
    if (effect.type === 'persistRoster') {
      const { roundNumber } = effect;
      this.goalReached.set(roundNumber, (this.goalReached.get(roundNumber) ?? 0) + 1);
    }
  }
}

function checkLaws(state: RunState): void {
  law(new Set(state.present).size === state.present.length, 'present twice');
  law(new Set(state.resting).size === state.resting.length, 'resting twice');
  const { round } = state;
  if (!round) {
    law(state.status !== 'running' && state.status !== 'pausing', `${state.status} without a round`);
    return;
  }
  law(round.roundNumber === state.roundNumber, 'the round has another number');
  const members = membersOf(round).map((member) => member.clientId);
  law(new Set(members).size === members.length, 'a member twice');
  if ('cohort' in round) {
    law(round.cohort.length <= state.plan.reportGoal, 'cohort above the goal');
    law(round.cohort.length >= state.plan.minimumSurvivors, 'cohort below the minimum');
  }
  if (round.phase === 'reporting') {
    const possible = round.cohort.filter((member) => member.stage !== 'dropped').length;
    law(possible >= state.plan.minimumSurvivors, 'too few can survive, and the round goes on');
  }
}

/** `expect` costs microseconds, and this runs at every event of every schedule. */
function law(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

function launch(plan: RunState['plan'], serialise = false): Harness {
  const manifest = { ...smallManifest(), seed: 'schedules', rounds: plan, compression: TUNED };
  const harness = new Harness(openRun({ runId: 'run-test' as RunId, manifest, modelHash: MODEL }), serialise);
  harness.feed({ type: 'resumeRequested', at: harness.now });
  return harness;
}

const schedules = fc.tuple(planArbitrary, fc.array(moveArbitrary, { maxLength: 120, size: 'max' }));

describe('random schedules', { timeout: 60_000 }, () => {
  it('[R-13] no schedule hangs: once the events stop, time and answers alone end every round that has begun', () => {
    fc.assert(
      fc.property(schedules, ([plan, moves]) => {
        const harness = launch(plan);
        for (const move of moves) harness.move(move);
        const finishedBefore = harness.finished.length;
        const begun = harness.state.round !== null && harness.state.round.phase !== 'selecting';
        // Everybody has gone; only timers that the machine asked for may move it.
        for (const clientId of POPULATION) {
          harness.feed({ type: 'clientDisconnected', at: harness.now, clientId });
        }
        for (let guard = 0; guard < 200 && isBusy(harness.state); guard += 1) {
          if (harness.pending.length > 0) harness.answerOne();
          else {
            harness.wakes = harness.wakes.filter((at) => at > harness.now);
            const next = harness.wakes.sort((left, right) => left - right).shift();
            expect(next, 'a busy round without a timer waits forever').toBeDefined();
            harness.now = next!;
            harness.feed({ type: 'timeAdvanced', at: harness.now });
          }
        }
        expect(isBusy(harness.state)).toBe(false);
        if (begun) expect(harness.finished.length).toBeGreaterThan(finishedBefore);
      }),
      { numRuns: 1000 },
    );
  });

  it('[R-13] the goal is reached at most once a round, and every round ends at most once', () => {
    fc.assert(
      fc.property(schedules, ([plan, moves]) => {
        const harness = launch(plan);
        const restarts = moves.filter((move) => move.kind === 'restart').length;
        for (const move of moves) harness.move(move);
        for (const times of harness.goalReached.values()) expect(times).toBeLessThanOrEqual(1 + restarts);
        const numbers = harness.finished.map((round) => round.roundNumber);
        expect(new Set(numbers).size).toBe(numbers.length);
      }),
      { numRuns: 200 },
    );
  });

  it('[R-10] survivors are in the cohort, announced what was summed, and are no fewer than the minimum', () => {
    let committed = 0;
    fc.assert(
      fc.property(schedules, ([plan, moves]) => {
        const harness = launch(plan);
        const summed = new Map<number, ClientId[]>();
        for (const move of moves) {
          harness.move(move);
          for (const effect of harness.pending) {
            if (effect.type !== 'aggregate') continue;
            summed.set(
              effect.roundNumber,
              effect.survivors.map((survivor) => survivor.clientId),
            );
            for (const survivor of effect.survivors) {
              expect(survivor.updateHash).toBe(announcementOf(survivor.clientId).updateHash);
            }
          }
        }
        for (const round of harness.finished) {
          if (round.phase !== 'committed') continue;
          committed += 1;
          const reported = round.cohort
            .filter((member) => member.stage === 'reported')
            .map((m) => m.clientId);
          expect(reported.length).toBeGreaterThanOrEqual(plan.minimumSurvivors);
          expect(summed.get(round.roundNumber)).toEqual([...reported].sort());
        }
      }),
      { numRuns: 1000, seed: 20261121 },
    );
    // Schedules that never commit would prove nothing.
    expect(committed).toBeGreaterThan(100);
  });

  it('[R-16] whoever withdraws is out of the round at once, stays present, and is invited again once it offers itself', () => {
    let withdrawals = 0;
    fc.assert(
      fc.property(schedules, ([plan, moves]) => {
        const harness = launch(plan);
        for (const move of moves) {
          const resting = new Set(harness.state.resting);
          const hadRound = harness.state.roundNumber;
          harness.move(move);
          const { round } = harness.state;
          // In a round that opened in the meantime, nobody who was resting before and still is.
          if (!round || harness.state.roundNumber === hadRound) continue;
          const involved =
            round.phase === 'selecting' ? round.candidates : membersOf(round).map((m) => m.clientId);
          for (const clientId of involved)
            expect(resting.has(clientId) && harness.state.resting.includes(clientId)).toBe(false);
        }
        withdrawals += harness.withdrawals;
      }),
      { numRuns: 500, seed: 20261121 },
    );
    expect(withdrawals).toBeGreaterThan(100);
  });

  it('[R-14] serialising the state between any two events changes nothing', () => {
    fc.assert(
      fc.property(schedules, ([plan, moves]) => {
        const plain = launch(plan);
        const serialised = launch(plan, true);
        for (const move of moves) {
          plain.move(move);
          serialised.move(move);
        }
        expect(serialised.state).toEqual(plain.state);
        expect(serialised.finished).toEqual(plain.finished);
      }),
      { numRuns: 150 },
    );
  });

  it('[R-15] a refused event leaves the state as it was', () => {
    fc.assert(
      fc.property(schedules, ([plan, moves]) => {
        const harness = launch(plan);
        for (const move of moves) {
          const before = harness.state;
          const withdrawn = stepRun(before, {
            type: 'clientWithdrew',
            at: harness.now,
            roundNumber: before.roundNumber + 1,
            clientId: POPULATION[move.who]!,
          });
          expect(withdrawn.state).toEqual(before);
          expect(withdrawn.effects.map((effect) => effect.type)).toEqual(['refuse']);
          const step = stepRun(before, {
            type: 'updateReceived',
            at: harness.now,
            roundNumber: before.roundNumber + 1,
            clientId: POPULATION[move.who]!,
            updateHash: announcementOf(POPULATION[move.who]!).updateHash,
          });
          expect(step.state).toEqual(before);
          expect(step.effects.map((effect) => effect.type)).toEqual(['refuse']);
          harness.move(move);
        }
      }),
      { numRuns: 150 },
    );
  });
});

function isBusy(state: RunState): boolean {
  return state.round !== null && state.round.phase !== 'selecting';
}
