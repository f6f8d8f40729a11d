/** A round with secure aggregation: every member lost at every stage, and the coordinator killed between any two events. */
import {
  type BlobHash,
  bytesToHex,
  type ClientId,
  type Instant,
  instant,
  isSurvivor,
  openRound,
  type RoundEffect,
  type RoundEvent,
  type RoundMessage,
  type RoundPhase,
  type RoundState,
  stepRound,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { announcementOf, clientsNamed, MODEL, smallPlan } from './rounds.ts';

const NEXT_MODEL = 'e'.repeat(64) as BlobHash;
const STAGE_SECONDS = 30;
/** Members that must reveal before every secret can be rebuilt. */
const THRESHOLD = 2;
const MEMBERS = clientsNamed(4);
const plan = smallPlan({ reportGoal: 4, minimumSurvivors: 3, overSelection: 1, reportingSeconds: 60 });

/** Just before which answer a member is lost; `never` it is not. */
const LOSSES = ['sharing', 'masking', 'uploading', 'confirming', 'revealing', 'never'] as const;
type Loss = (typeof LOSSES)[number];
/** It says goodbye; its connection breaks; or it stays connected and says nothing. */
type Manner = 'leaves' | 'breaks' | 'stays silent';

const offerOf = (clientId: ClientId): string => clientId.repeat(12);

interface Options {
  readonly losses?: readonly Loss[];
  readonly manner?: Manner;
  /** After so many events the process is killed; everybody who is left comes back. */
  readonly killAfter?: number;
  readonly killAgainAfter?: number;
  /** Stops as soon as the round is in this phase. */
  readonly until?: RoundPhase;
}

/** A round, its runner, and members that answer what they are asked. */
class SecureRoundWorld {
  state: RoundState;
  private durable: RoundState;
  now: Instant = instant(0);
  events = 0;
  readonly phases: RoundPhase[] = [];
  readonly effects: RoundEffect[] = [];
  /** What members were told of the round's facts, each in one text: there must be one of each. */
  readonly told = new Map<RoundMessage['type'], Set<string>>();
  private queue: RoundEvent[] = [];
  private wakes: Instant[] = [];
  private readonly losses: Map<ClientId, Loss>;
  private readonly lost = new Set<ClientId>();
  private readonly revealed = new Set<ClientId>();
  private readonly options: Options;

  constructor(options: Options = {}) {
    this.options = options;
    this.losses = new Map(MEMBERS.map((id, i) => [id, options.losses?.[i] ?? 'never']));
    const opened = openRound({
      roundNumber: 7,
      plan,
      seed: 'secure',
      modelHash: MODEL,
      modelLog: MODEL,
      previousModelLog: MODEL,
      stageSeconds: STAGE_SECONDS,
      at: this.now,
      candidates: MEMBERS,
    });
    this.state = opened.state;
    this.durable = opened.state;
    this.perform(opened.effects);
  }

  /** Until the round is over. @returns virtual seconds */
  live(): number {
    for (;;) {
      const { phase } = this.state;
      const isOver = phase === 'committed' || phase === 'abandoned';
      if (isOver || phase === this.options.until) return this.now / 1000;
      const event = this.queue.shift() ?? this.nextWake();
      if (!event) throw new Error(`nothing is left to happen in phase ${this.state.phase}`);
      this.feed({ ...event, at: this.now });
      const { killAfter, killAgainAfter } = this.options;
      if (this.events === killAfter || this.events === killAgainAfter) this.kill();
    }
  }

  feed(event: RoundEvent): void {
    this.events += 1;
    const before = JSON.parse(JSON.stringify(this.state)) as RoundState;
    const step = stepRound(before, this.withShares(event));
    this.state = step.state;
    if (step.effects.some(({ type }) => type === 'persist' || type === 'persistRoster'))
      this.durable = step.state;
    if (this.phases.at(-1) !== step.state.phase) this.phases.push(step.state.phase);
    this.perform(step.effects);
  }

  /** The runner knows who has revealed. */
  private withShares(event: RoundEvent): RoundEvent {
    if (event.type !== 'sharesRevealed') return event;
    if (this.state.phase === 'unmasking') this.revealed.add(event.clientId);
    return { ...event, isEnough: this.revealed.size >= THRESHOLD };
  }

  private nextWake(): RoundEvent | undefined {
    this.wakes.sort((left, right) => left - right);
    const at = this.wakes.shift();
    if (at === undefined) return undefined;
    this.now = instant(Math.max(this.now, at));
    return { type: 'timeAdvanced', at: this.now };
  }

  /** Nothing of the process survives but the state that was made durable; alarms and messages under way are gone. */
  private kill(): void {
    this.state = this.durable;
    this.queue = [];
    this.wakes = [];
    this.revealed.clear();
    this.now = instant(this.now + 2000);
    this.feed({ type: 'restarted', at: this.now });
    for (const clientId of MEMBERS) {
      if (!this.lost.has(clientId)) this.queue.push({ type: 'clientCheckedIn', at: this.now, clientId });
    }
  }

  private perform(effects: readonly RoundEffect[]): void {
    for (const effect of effects) {
      this.effects.push(effect);
      if (effect.type === 'wakeAt') this.wakes.push(effect.at);
      if (effect.type === 'send') this.hear(effect.to, effect.message);
      const at = this.now;
      const { roundNumber } = this.state;
      if (effect.type === 'persistRoster') {
        const beacon = bytesToHex(Uint8Array.of(this.events));
        this.queue.push({ type: 'rosterPersisted', at, roundNumber, beacon });
      }
      if (effect.type === 'aggregate') {
        // Without the shares in its memory the runner cannot unmask.
        const hasShares = this.revealed.size >= THRESHOLD;
        this.queue.push(
          hasShares
            ? { type: 'aggregated', at, roundNumber, modelHash: NEXT_MODEL }
            : { type: 'aggregationFailed', at, roundNumber },
        );
      }
    }
  }

  private hear(clientId: ClientId, message: RoundMessage): void {
    if (this.lost.has(clientId)) return;
    const about = { at: this.now, roundNumber: 7, clientId };
    const announcement = announcementOf(clientId);
    switch (message.type) {
      case 'invited':
        this.queue.push({ ...about, type: 'keysOffered', offer: offerOf(clientId) });
        break;
      case 'rosterClosed':
        this.noteFacts(message);
        this.answer('sharing', { ...about, type: 'sharesSealed' });
        break;
      case 'sharesDelivered':
        this.noteFacts(message);
        this.answer('masking', { ...about, type: 'updateMasked', announcement });
        break;
      case 'uploadGranted': {
        const { updateHash } = message.announcement;
        this.answer('uploading', { ...about, type: 'updateReceived', updateHash });
        break;
      }
      case 'survivorsClosed': {
        const confirmation = clientId.repeat(4);
        this.noteFacts(message);
        this.answer('confirming', { ...about, type: 'survivorsConfirmed', confirmation });
        break;
      }
      case 'unmaskRequested':
        this.noteFacts(message);
        this.answer('revealing', { ...about, type: 'sharesRevealed', isEnough: false });
        break;
      default:
        break;
    }
  }

  private noteFacts({ type }: RoundMessage): void {
    if (!('secureSum' in this.state) || !('cohort' in this.state)) throw new Error(`${type} too early`);
    const { secureSum, cohort } = this.state;
    const roster = cohort.map((member) => 'offer' in member && member.offer);
    const facts = {
      rosterClosed: [secureSum?.beacon, roster],
      sharesDelivered: [secureSum?.sharers],
      survivorsClosed: [secureSum?.sharers, secureSum?.survivors],
      unmaskRequested: [cohort.map((member) => 'confirmation' in member && member.confirmation)],
    };
    const texts = this.told.get(type) ?? new Set();
    this.told.set(type, texts.add(JSON.stringify(facts[type as keyof typeof facts])));
  }

  private answer(stage: Loss, event: Extract<RoundEvent, { clientId: ClientId }>): void {
    const { clientId, at } = event;
    if (this.losses.get(clientId) !== stage) {
      this.queue.push(event);
      return;
    }
    this.lost.add(clientId);
    if (this.options.manner === 'leaves') this.queue.push({ type: 'clientLeft', at, clientId });
    if (this.options.manner === 'breaks') this.queue.push({ type: 'clientDisconnected', at, clientId });
  }
}

/** What the rules say of these losses. */
function expectedOf(losses: readonly Loss[]) {
  const without = (members: readonly ClientId[], ...lost: readonly Loss[]) =>
    members.filter((clientId) => !lost.includes(losses[MEMBERS.indexOf(clientId)]!));
  const sharers = without(MEMBERS, 'sharing');
  const survivors = without(sharers, 'masking', 'uploading');
  const confirmers = without(survivors, 'confirming');
  const revealers = without(confirmers, 'revealing');
  const commits = survivors.length >= plan.minimumSurvivors && revealers.length >= THRESHOLD;
  return { sharers, survivors, commits };
}

/** Every choice of losses, whoever has which: members are alike. */
function patterns(length: number, from = 0): Loss[][] {
  if (length === 0) return [[]];
  return LOSSES.flatMap((loss, i) =>
    i < from ? [] : patterns(length - 1, i).map((rest): Loss[] => [loss, ...rest]),
  );
}

const NOBODY_LOST: readonly Loss[] = MEMBERS.map(() => 'never');
const ONE_LOST: readonly (readonly Loss[])[] = LOSSES.map((loss) =>
  NOBODY_LOST.map((never, i) => (i === 1 ? loss : never)),
);

function check(world: SecureRoundWorld, losses: readonly Loss[]): void {
  const { state } = world;
  const expected = expectedOf(losses);
  const fail = (what: string): never => {
    throw new Error(`${what} with losses ${losses.join()}: ${JSON.stringify(world.phases)}`);
  };
  for (const texts of world.told.values()) if (texts.size > 1) fail('members were told different things');
  if ((state.phase === 'committed') !== expected.commits) fail(`ended ${state.phase}`);
  if (state.phase !== 'committed') {
    const isSummed = world.effects.some((effect) => effect.type === 'aggregate');
    if (isSummed) fail('a round below its thresholds was summed');
    return;
  }
  const inOrder = (members: readonly ClientId[] | null | undefined) => [...(members ?? [])].sort().join();
  if (inOrder(state.secureSum?.sharers) !== inOrder(expected.sharers)) fail('other sharers');
  if (inOrder(state.secureSum?.survivors) !== inOrder(expected.survivors)) fail('other survivors');
  const counted = state.cohort.filter(isSurvivor).map(({ clientId }) => clientId);
  if (inOrder(counted) !== inOrder(expected.survivors)) fail('others in the sum');
  const asked = world.effects.findLast((effect) => effect.type === 'aggregate');
  if (inOrder(asked?.survivors.map(({ clientId }) => clientId)) !== inOrder(expected.survivors))
    fail('others were summed');
}

describe('a round with secure aggregation', () => {
  it('[R-18] goes from shares over masked updates and signatures to revealed shares', () => {
    const world = new SecureRoundWorld();
    world.live();
    expect(world.phases).toEqual([
      'training',
      'cohortClosed',
      'sharing',
      'reporting',
      'confirming',
      'unmasking',
      'aggregating',
      'committed',
    ]);
    expect(world.state).toMatchObject({ phase: 'committed', nextModelHash: NEXT_MODEL });
  });

  it('[R-19] the roster is in the order of the identities, whoever was first', () => {
    const world = new SecureRoundWorld();
    world.live();
    const offers =
      'cohort' in world.state ? world.state.cohort.map((member) => 'offer' in member && member.offer) : [];
    expect(offers).toEqual(MEMBERS.map(offerOf).sort());
  });

  it.each(['leaves', 'breaks', 'stays silent'] as const)(
    '[R-20] ends by itself for every way to lose every member at every stage, who %s',
    (manner) => {
      for (const losses of patterns(MEMBERS.length)) {
        const world = new SecureRoundWorld({ losses, manner });
        const seconds = world.live();
        check(world, losses);
        if (seconds > 3 * STAGE_SECONDS + plan.reportingSeconds) throw new Error(`took ${seconds} s`);
      }
    },
  );

  it.each(['leaves', 'breaks', 'stays silent'] as const)(
    '[R-21] goes on after the process was killed between any two events, one member of which %s',
    (manner) => {
      for (const losses of ONE_LOST) {
        const whole = new SecureRoundWorld({ losses, manner });
        whole.live();
        for (let killAfter = 1; killAfter < whole.events; killAfter += 1) {
          const world = new SecureRoundWorld({ losses, manner, killAfter });
          world.live();
          check(world, losses);
        }
      }
    },
  );

  it('[R-21] survives being killed twice', () => {
    const { events } = livedThrough({});
    for (let first = 1; first < events; first += 1) {
      for (let then = first + 1; then < first + 30; then += 3) {
        const world = new SecureRoundWorld({ killAfter: first, killAgainAfter: then });
        world.live();
        check(world, NOBODY_LOST);
      }
    }
  });
});

function livedThrough(options: Options): SecureRoundWorld {
  const world = new SecureRoundWorld(options);
  world.live();
  return world;
}

/** A round in this phase, with its members where the rules have brought them. */
function inPhase(phase: RoundPhase): SecureRoundWorld {
  const world = new SecureRoundWorld({ until: phase });
  world.live();
  expect(world.state.phase).toBe(phase);
  return world;
}

describe('what a round with secure aggregation refuses', () => {
  const [a, b] = MEMBERS as [ClientId, ClientId];
  const at = instant(1000);
  const refusalOf = (state: RoundState, event: RoundEvent): string => {
    const step = stepRound(state, event);
    const refusal = step.effects.find((effect) => effect.type === 'refuse');
    if (refusal) expect(step.state).toEqual(state);
    return refusal?.code ?? 'taken';
  };

  it('[R-22] an announcement in the clear, and keys in a run without', () => {
    const { state } = inPhase('training');
    const about = { at, roundNumber: 7, clientId: a };
    const clear = { ...about, type: 'trainingFinished', announcement: announcementOf(a) } as const;
    const keys = { ...about, type: 'keysOffered', offer: offerOf(a) } as const;
    expect(refusalOf(state, clear)).toBe('message-malformed');
    expect(refusalOf({ ...state, stageSeconds: null }, keys)).toBe('message-malformed');
  });

  it('[R-22] a second masked update', () => {
    const { state } = inPhase('reporting');
    const masked = (salt: string): RoundEvent => ({
      type: 'updateMasked',
      at,
      roundNumber: 7,
      clientId: a,
      announcement: announcementOf(a, salt),
    });
    const step = stepRound(state, masked(''));
    expect(step.effects).toMatchObject([{ type: 'send', message: { type: 'uploadGranted' } }]);
    expect(stepRound(step.state, masked('')).effects).toMatchObject([
      { type: 'send', message: { type: 'uploadGranted' } },
    ]);
    expect(refusalOf(step.state, masked('another'))).toBe('secagg-equivocation');
  });

  it('[R-22] an update that was not announced, and what was announced from somebody else', () => {
    const { state } = inPhase('reporting');
    const update = { type: 'updateReceived', at, roundNumber: 7, clientId: a } as const;
    const { updateHash } = announcementOf(a);
    expect(refusalOf(state, { ...update, updateHash })).toBe('phase-mismatch');
    const { state: masked } = stepRound(state, {
      type: 'updateMasked',
      at,
      roundNumber: 7,
      clientId: a,
      announcement: announcementOf(a),
    });
    expect(refusalOf(masked, { ...update, updateHash: announcementOf(b).updateHash })).toBe(
      'update-hash-mismatch',
    );
    expect(refusalOf(masked, { ...update, updateHash })).toBe('taken');
  });

  it('[R-23] whatever comes late: a member that is dead stays dead', () => {
    const world = livedThrough({ losses: ['sharing', 'masking', 'never', 'never'], until: 'aggregating' });
    // Two of four were lost: the round is given up, and a smaller one would have gone on.
    expect(world.state.phase).toBe('abandoned');
    const lost = livedThrough({
      losses: ['masking', 'never', 'never', 'never'],
      manner: 'stays silent',
      until: 'confirming',
    });
    const [dead] = MEMBERS as [ClientId];
    const about = { at: lost.now, roundNumber: 7, clientId: dead };
    const announcement = announcementOf(dead);
    const late: RoundEvent[] = [
      { ...about, type: 'updateMasked', announcement },
      { ...about, type: 'updateReceived', updateHash: announcement.updateHash },
      { ...about, type: 'survivorsConfirmed', confirmation: 'ab' },
      { ...about, type: 'sharesRevealed', isEnough: true },
    ];
    for (const event of late)
      expect(['phase-mismatch', 'not-a-member']).toContain(refusalOf(lost.state, event));
    const back = stepRound(lost.state, { type: 'clientCheckedIn', at: lost.now, clientId: dead });
    expect(back.state).toEqual(lost.state);
    expect(back.effects).toMatchObject([{ type: 'send', message: { type: 'comeBack' } }]);
  });

  it.each(['sharing', 'reporting', 'confirming', 'unmasking'] as const)(
    '[R-23] in %s, a member whose message was wrong is not waited for',
    (phase) => {
      const { state } = inPhase(phase);
      const refused = { type: 'secureSumRefused', at, roundNumber: 7, clientId: a } as const;
      const step = stepRound(state, refused);
      const member = 'cohort' in step.state && step.state.cohort.find(({ clientId }) => clientId === a);
      expect(member).toMatchObject({
        stage: phase === 'sharing' || phase === 'reporting' ? 'dropped' : 'silent',
        reason: 'secure-sum-faulty',
      });
    },
  );

  it('[R-20] gives the round up when the keys are no roster', () => {
    const { state } = inPhase('cohortClosed');
    const refused = stepRound(state, { type: 'rosterRefused', at, roundNumber: 7 });
    expect(refused.state).toMatchObject({ phase: 'abandoned', reason: 'too-few-ready' });
  });

  it('[R-24] keys of a page that comes back count only once they are offered again', () => {
    const { state } = inPhase('training');
    const offered = stepRound(state, {
      type: 'keysOffered',
      at,
      roundNumber: 7,
      clientId: a,
      offer: offerOf(a),
    });
    expect(offered.state).toMatchObject({
      invited: expect.arrayContaining([{ ...memberIn(offered.state, a) }]),
    });
    expect(memberIn(offered.state, a).stage).toBe('offered');
    const back = stepRound(offered.state, { type: 'clientCheckedIn', at, clientId: a });
    expect(memberIn(back.state, a).stage).toBe('training');
    expect(back.effects).toMatchObject([{ type: 'send', message: { type: 'invited' } }]);
  });
});

function memberIn(state: RoundState, clientId: ClientId) {
  const members = state.phase === 'training' ? state.invited : [];
  return members.find((member) => member.clientId === clientId)!;
}
