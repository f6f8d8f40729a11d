/** Laws of rounds with secure aggregation over random schedules of events, most of them out of turn. */
import {
  type ClientId,
  type Instant,
  instant,
  isSurvivor,
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

const POPULATION = clientsNamed(6);
const plan = smallPlan({ reportGoal: 4, minimumSurvivors: 3, overSelection: 1.25, committedRounds: 2 });
const manifest = {
  ...smallManifest(),
  compression: TUNED,
  seed: 'schedules',
  rounds: plan,
  secureAggregation: {
    mode: 'sa-1',
    corruptFraction: 0.1,
    dropoutFraction: 0.1,
    adversary: 'semi-honest',
    graph: 'auto',
    stageSeconds: 30,
  },
} as const;

const SAYINGS = ['offer', 'seal', 'mask', 'upload', 'confirm', 'reveal'] as const;
type Saying = (typeof SAYINGS)[number];
/** What moves a round on in each phase. */
const NEXT: Partial<Record<RoundState['phase'], readonly Saying[]>> = {
  training: ['offer'],
  sharing: ['seal'],
  reporting: ['mask', 'upload'],
  confirming: ['confirm'],
  unmasking: ['reveal'],
};

const moveArbitrary = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('everybodyGoesOn', 'goOn', 'answer', 'checkIn', 'tick') },
    { weight: 3, arbitrary: fc.constantFrom(...SAYINGS, 'another', 'stale') },
    {
      weight: 2,
      arbitrary: fc.constantFrom('disconnect', 'leave', 'withdraw', 'refuse', 'restart', 'refuseUpload'),
    },
  ),
  who: fc.integer({ min: 0, max: POPULATION.length - 1 }),
  after: fc.oneof(
    { weight: 9, arbitrary: fc.double({ min: 0, max: 0.5, noNaN: true }) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 60, noNaN: true }) },
  ),
});
type Move = typeof moveArbitrary extends fc.Arbitrary<infer T> ? T : never;

class Harness {
  state: RunState;
  now: Instant = instant(0);
  wakes: Instant[] = [];
  pending: RunEffect[] = [];
  finished: RoundState[] = [];
  refusals = 0;
  encodings = watchEncodings(law);
  private beacons = 0;
  private sums = 0;

  constructor() {
    this.state = openRun({ runId: 'run-test' as RunId, manifest, modelHash: MODEL });
    this.feed({ type: 'resumeRequested', at: this.now });
    for (const clientId of POPULATION) this.feed({ type: 'clientCheckedIn', at: this.now, clientId });
  }

  feed(event: RunEvent): void {
    const before = JSON.parse(JSON.stringify(this.state)) as RunState;
    const step = stepRun(before, event);
    this.state = step.state;
    checkFacts(before.round, step.state.round);
    for (const effect of step.effects) {
      this.encodings.see(effect);
      if (effect.type === 'wakeAt') this.wakes.push(effect.at);
      if (effect.type === 'persistRoster' || effect.type === 'aggregate') this.pending.push(effect);
      if (effect.type === 'recordRound') this.finished.push(effect.round);
      if (effect.type === 'refuse') {
        this.refusals += 1;
        law(JSON.stringify(step.state) === JSON.stringify(before), 'refused, and changed');
      }
    }
  }

  move({ kind, who, after }: Move): void {
    this.now = instant(this.now + after * 1000);
    const at = this.now;
    const clientId = POPULATION[who]!;
    const { roundNumber } = this.state;
    const next = NEXT[this.state.round?.phase ?? 'selecting'] ?? [];
    switch (kind) {
      case 'everybodyGoesOn':
        for (const id of POPULATION) for (const saying of next) this.say(saying, id);
        return;
      case 'goOn':
        for (const saying of next) this.say(saying, clientId);
        return;
      case 'another':
        this.say('mask', clientId, { salt: 'another' });
        return;
      case 'stale':
        this.say(next[0] ?? 'offer', clientId, { roundNumber: roundNumber - 1 });
        return;
      case 'answer':
        this.answerOne();
        return;
      case 'checkIn':
        this.feed({ type: 'clientCheckedIn', at, clientId });
        return;
      case 'tick':
        this.feed({ type: 'timeAdvanced', at });
        return;
      case 'disconnect':
        this.feed({ type: 'clientDisconnected', at, clientId });
        return;
      case 'leave':
        this.feed({ type: 'clientLeft', at, clientId });
        return;
      case 'withdraw':
        this.feed({ type: 'clientWithdrew', at, roundNumber, clientId });
        return;
      case 'refuse':
        this.feed({ type: 'secureSumRefused', at, roundNumber, clientId });
        return;
      case 'refuseUpload':
        this.feed({ type: 'updateRefused', at, roundNumber, clientId });
        return;
      case 'restart':
        this.pending = [];
        this.feed({ type: 'restarted', at });
        return;
      default:
        this.say(kind, clientId);
        return;
    }
  }

  private say(
    saying: Saying,
    clientId: ClientId,
    { salt = '', roundNumber = this.state.roundNumber } = {},
  ): void {
    const about = { at: this.now, roundNumber, clientId };
    const announcement = announcementOf(clientId, salt);
    const { updateHash } = announcement;
    switch (saying) {
      case 'offer':
        this.feed({ ...about, type: 'keysOffered', offer: clientId.repeat(12) });
        return;
      case 'seal':
        this.feed({ ...about, type: 'sharesSealed' });
        return;
      case 'mask':
        this.feed({ ...about, type: 'updateMasked', announcement });
        return;
      case 'upload':
        this.feed({ ...about, type: 'updateReceived', updateHash });
        return;
      case 'confirm':
        this.feed({ ...about, type: 'survivorsConfirmed', confirmation: clientId.repeat(4) });
        return;
      case 'reveal': {
        const { round } = this.state;
        const cohort = round && 'cohort' in round ? round.cohort : [];
        const revealed = cohort.filter(({ stage }) => stage === 'revealed').length;
        this.feed({ ...about, type: 'sharesRevealed', isEnough: revealed >= 1 });
        return;
      }
    }
  }

  answerOne(): void {
    const effect = this.pending.shift();
    if (effect?.type === 'persistRoster') {
      this.beacons += 1;
      const beacon = String(this.beacons).padStart(64, '0');
      this.feed({ type: 'rosterPersisted', at: this.now, roundNumber: effect.roundNumber, beacon });
    } else if (effect?.type === 'aggregate') {
      const { updateHash: modelHash } = announcementOf(POPULATION[0]!, `model ${effect.roundNumber}`);
      const { roundNumber } = effect;
      this.sums += 1;
      this.feed({ ...answerOf(this.state, this.sums), at: this.now, roundNumber, modelHash });
    }
  }
}

/** Once members may have been told of them, nothing changes the facts of a round, and nobody comes back to life. */
function checkFacts(before: RoundState | null, after: RoundState | null): void {
  if (!before || !after || before.roundNumber !== after.roundNumber) return;
  if (!('cohort' in before) || !('cohort' in after)) return;
  const rosterOf = ({ cohort }: typeof before): string =>
    cohort.map((member) => 'offer' in member && member.offer).join();
  law(rosterOf(before) === rosterOf(after), 'another roster');
  for (const [i, member] of before.cohort.entries()) {
    const now = after.cohort[i]!;
    law(member.stage !== 'dropped' || now.stage === 'dropped', 'a dead member lives again');
    law(!isSurvivor(member) || isSurvivor(now), 'an update that came is no longer in the sum');
  }
  const told = 'secureSum' in before ? before.secureSum : null;
  const tells = 'secureSum' in after ? after.secureSum : null;
  for (const fact of ['beacon', 'sharers', 'survivors'] as const) {
    const was = told?.[fact] ?? null;
    law(was === null || String(tells?.[fact]) === String(was), `other ${fact}`);
  }
  if (!tells?.survivors) return;
  const survivors = after.cohort.filter(isSurvivor).map(({ clientId }) => clientId);
  law(String(survivors) === String(tells.survivors), 'survivors are not those whose updates are in the sum');
  law(survivors.every((id) => tells.sharers?.includes(id)) === true, 'a survivor who did not share');
  law(survivors.length >= plan.minimumSurvivors, 'too few survivors, and the round goes on');
}

function law(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

const isBusy = ({ round }: RunState): boolean => round !== null && round.phase !== 'selecting';

describe('random schedules of secure rounds', { timeout: 60_000 }, () => {
  it('[R-20] [R-21] [R-23] none hangs, none changes what was told, and nobody comes back to life', () => {
    const seen = { committed: 0, abandoned: 0, refusals: 0, unmasking: 0 };
    fc.assert(
      fc.property(fc.array(moveArbitrary, { maxLength: 100, size: 'max' }), (moves) => {
        const harness = new Harness();
        for (const move of moves) {
          harness.move(move);
          if (harness.state.round?.phase === 'unmasking') seen.unmasking += 1;
        }
        for (const clientId of POPULATION) {
          harness.feed({ type: 'clientDisconnected', at: harness.now, clientId });
        }
        for (let guard = 0; guard < 200 && isBusy(harness.state); guard += 1) {
          if (harness.pending.length > 0) harness.answerOne();
          else {
            harness.wakes = harness.wakes.filter((at) => at > harness.now);
            const next = harness.wakes.sort((left, right) => left - right).shift();
            if (next === undefined) throw new Error('a busy round without a timer waits forever');
            harness.now = next;
            harness.feed({ type: 'timeAdvanced', at: harness.now });
          }
        }
        law(!isBusy(harness.state), 'still busy');
        seen.refusals += harness.refusals;
        for (const { phase } of harness.finished)
          seen[phase === 'committed' ? 'committed' : 'abandoned'] += 1;
      }),
      { numRuns: 150, seed: 20261121 },
    );
    // Schedules that reach nothing would prove nothing.
    expect(seen.committed).toBeGreaterThan(10);
    expect(seen.abandoned).toBeGreaterThan(50);
    expect(seen.unmasking).toBeGreaterThan(50);
    expect(seen.refusals).toBeGreaterThan(300);
  });
});
