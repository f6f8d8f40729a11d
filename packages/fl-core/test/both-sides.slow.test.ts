/**
 * The run machine and many participation machines together, over a network that breaks connections and delays
 * messages, with tabs that reload and a coordinator that restarts: the run must complete all the same. With secure
 * aggregation, too, where secrets die with the page that made them and with the process that collects them.
 */
import {
  type BlobHash,
  bytesToHex,
  type ClientId,
  type ClientMessage,
  type CoordinatorMessage,
  type Instant,
  instant,
  integerBelow,
  openRun,
  type ParticipationEffect,
  type ParticipationEvent,
  type ParticipationState,
  type RandomSource,
  type RoundMessage,
  type RunEvent,
  type RunId,
  type RunState,
  seededRandom,
  startParticipation,
  stepParticipation,
  stepRun,
  type TaskManifest,
  unitInterval,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { smallManifest } from './manifests.ts';
import { announcementOf, clientsNamed, MODEL, smallPlan } from './rounds.ts';

const plan = smallPlan({ reportGoal: 3, minimumSurvivors: 2, overSelection: 1.3, committedRounds: 5 });
const clear: TaskManifest = { ...smallManifest(), rounds: plan };
const secure: TaskManifest = {
  ...clear,
  rounds: { ...plan, reportGoal: 4, minimumSurvivors: 3 },
  secureAggregation: {
    mode: 'sa-1',
    corruptFraction: 0,
    dropoutFraction: 0.3,
    adversary: 'semi-honest',
    graph: 'complete',
    stageSeconds: 30,
  },
};
/** Members whose shares rebuild every secret. */
const THRESHOLD = 2;

interface Tab {
  readonly id: ClientId;
  state: ParticipationState;
  /** Counts connections: what was sent on an older one is lost. */
  connection: number;
  isConnected: boolean;
  /** What the page was told in its secure sum, by question; gone with the page. */
  session: { readonly roundNumber: number; readonly told: Map<string, string> } | null;
}

/** A world of one coordinator and some tabs in virtual time; faults come from the seed. */
class World {
  now: Instant = instant(0);
  run: RunState;
  /** Sessions that were told two things where one may be told. */
  equivocations = 0;
  readonly tabs: Tab[];
  private readonly agenda: { at: Instant; act: () => void }[] = [];
  private readonly random: RandomSource;
  private readonly faultRate: number;

  private readonly manifest: TaskManifest;
  /** Whose shares the coordinator's process has in memory. */
  private readonly revealed = new Set<ClientId>();

  constructor(seed: number, faultRate: number, manifest = clear) {
    this.manifest = manifest;
    this.run = openRun({ runId: 'run-w' as RunId, manifest, modelHash: MODEL });
    this.random = seededRandom(`world/${seed}`);
    this.faultRate = faultRate;
    this.tabs = clientsNamed(6).map((id) => ({
      id,
      state: startParticipation(),
      connection: 0,
      isConnected: false,
      session: null,
    }));
  }

  /** Virtual seconds until the run completed. */
  live(limitSeconds: number): number {
    this.tellRun({ type: 'resumeRequested', at: this.now });
    for (const tab of this.tabs) this.tellTab(tab, { type: 'started', at: this.now });
    while (this.run.status === 'running') {
      this.agenda.sort((left, right) => left.at - right.at);
      const next = this.agenda.shift();
      if (!next) throw new Error('nobody has anything left to do, and the run has not ended');
      this.now = next.at;
      if (this.now > limitSeconds * 1000) throw new Error(`not done after ${limitSeconds} virtual seconds`);
      next.act();
    }
    return this.now / 1000;
  }

  private later(seconds: number, act: () => void): void {
    this.agenda.push({ at: instant(this.now + seconds * 1000), act });
  }

  private happens(rate: number): boolean {
    return unitInterval(this.random) < rate;
  }

  private tellRun(event: RunEvent): void {
    const step = stepRun(JSON.parse(JSON.stringify(this.run)) as RunState, event);
    this.run = step.state;
    for (const effect of step.effects) {
      if (effect.type === 'recordRound') this.revealed.clear();
      if (effect.type === 'send') {
        const { message } = effect;
        this.deliver(effect.to, this.complete(message));
      } else if (effect.type === 'refuse') {
        this.deliver(effect.to, {
          type: 'refused',
          code: effect.code,
          message: effect.message,
          fatal: false,
        });
      } else if (effect.type === 'wakeAt') {
        this.later((effect.at - this.now) / 1000, () => this.tellRun({ type: 'timeAdvanced', at: this.now }));
      } else if (effect.type === 'persistRoster') {
        const beacon = this.isSecure ? bytesToHex(this.bytes(32)) : null;
        this.later(0.01, () => this.tellRun({ ...effect, type: 'rosterPersisted', at: this.now, beacon }));
      } else if (effect.type === 'aggregate') {
        const modelHash = announcementOf(this.tabs[0]!.id, `model ${effect.roundNumber}`).updateHash;
        const { roundNumber } = effect;
        this.later(0.1, () => this.tellRun({ type: 'aggregated', at: this.now, roundNumber, modelHash }));
      }
    }
  }

  private get isSecure(): boolean {
    return this.manifest.secureAggregation.mode !== 'off';
  }

  private bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.random.nextUint32() & 0xff);
  }

  /** What a runner adds, as text that can be compared. */
  private complete(message: RoundMessage): CoordinatorMessage {
    const { round } = this.run;
    const { secureSum = null } = round && 'secureSum' in round ? round : {};
    const offers =
      round && 'cohort' in round ? round.cohort.map((member) => 'offer' in member && member.offer) : [];
    const told = (fact: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(fact));
    switch (message.type) {
      case 'uploadGranted':
        return { ...without(message, 'announcement'), uploadTicket: 'ticket' };
      case 'rosterClosed':
        return { ...message, beacon: told(secureSum!.beacon), bytes: told(offers) };
      case 'sharesDelivered':
        return { ...message, sharers: told(secureSum!.sharers), bytes: told(null) };
      case 'survivorsClosed':
        return { ...message, sharers: told(secureSum!.sharers), survivors: told(secureSum!.survivors) };
      case 'unmaskRequested':
        return { ...message, bytes: told(null) };
      default:
        return message;
    }
  }

  private deliver(to: ClientId, message: CoordinatorMessage): void {
    const tab = this.tabs.find((candidate) => candidate.id === to)!;
    const { connection } = tab;
    if (!tab.isConnected) return;
    this.later(0.05, () => {
      if (tab.connection === connection)
        this.tellTab(tab, { type: 'messageReceived', at: this.now, message });
    });
  }

  /** On an open connection messages keep their order; on a broken one they are lost. */
  private send(tab: Tab, event: () => RunEvent): void {
    const { connection } = tab;
    if (!tab.isConnected) return;
    this.later(0.05, () => {
      if (tab.connection === connection) this.tellRun(event());
    });
  }

  private tellTab(tab: Tab, event: ParticipationEvent): void {
    const step = stepParticipation(JSON.parse(JSON.stringify(tab.state)) as ParticipationState, event);
    tab.state = step.state;
    for (const effect of step.effects) {
      const { id } = tab;
      switch (effect.type) {
        case 'connect':
          this.later(0.2, () => this.connect(tab));
          break;
        case 'disconnect':
          this.breakConnection(tab);
          break;
        case 'checkIn':
          this.send(tab, () => {
            const { manifest } = this;
            this.deliver(id, { type: 'admitted', runId: this.run.runId, clientId: id, manifest });
            return { type: 'clientCheckedIn', at: this.now, clientId: id };
          });
          break;
        case 'send': {
          const { message } = effect;
          if (message.type === 'ready') {
            const { roundNumber, type: _, ...announcement } = message;
            this.send(tab, () => ({
              type: 'trainingFinished',
              at: this.now,
              roundNumber,
              clientId: id,
              announcement,
            }));
          } else if (message.type === 'withdraw') {
            const { roundNumber } = message;
            this.send(tab, () => ({ type: 'clientWithdrew', at: this.now, roundNumber, clientId: id }));
          } else if (message.type === 'leave') {
            this.send(tab, () => ({ type: 'clientLeft', at: this.now, clientId: id }));
          } else {
            this.sendStage(tab, message);
          }
          break;
        }
        case 'wakeAt':
          this.later(Math.max(0, effect.at - this.now) / 1000, () =>
            this.tellTab(tab, { type: 'timeAdvanced', at: this.now }),
          );
          break;
        case 'download':
          this.work(tab, 0.5, () => ({ type: 'modelDownloaded', at: this.now, modelHash: effect.modelHash }));
          break;
        case 'train': {
          const { roundNumber } = effect;
          const announcement = this.isSecure ? null : announcementOf(id);
          this.work(tab, 5 + integerBelow(this.random, 20), () => ({
            type: 'trainingFinished',
            at: this.now,
            roundNumber,
            announcement,
          }));
          break;
        }
        case 'offerKeys': {
          const { roundNumber } = effect;
          if (tab.session?.roundNumber !== roundNumber) tab.session = { roundNumber, told: new Map() };
          this.answer(tab, roundNumber, () => {
            const bytes = new Uint8Array(160);
            return { type: 'keysOffered', at: this.now, roundNumber, bytes };
          });
          break;
        }
        case 'shareSecrets':
        case 'maskUpdate':
        case 'confirmSurvivors':
        case 'revealShares':
          this.follow(tab, effect);
          break;
        case 'forgetRound':
          tab.session = null;
          break;
        case 'upload':
          this.upload(tab, effect.roundNumber, effect.updateHash);
          break;
        default:
          break;
      }
    }
  }

  /** The session refuses to be told two things. */
  private follow(tab: Tab, { type, message }: StageEffect): void {
    const { roundNumber } = message;
    const { deadlineSeconds: _, ...facts } = message;
    const text = JSON.stringify(facts, (_key, value) =>
      value instanceof Uint8Array ? bytesToHex(value) : value,
    );
    this.answer(tab, roundNumber, ({ told }) => {
      const isAnother = told.has(type) && told.get(type) !== text;
      told.set(type, text);
      const answer = { at: this.now, roundNumber, bytes: new Uint8Array(112) };
      if (isAnother) {
        this.equivocations += 1;
        return { ...answer, type: 'secureSumFailed', code: 'secagg-equivocation' };
      }
      switch (type) {
        case 'shareSecrets':
          return { ...answer, type: 'secretsShared' };
        case 'maskUpdate':
          return { ...answer, type: 'updateMasked', announcement: announcementOf(tab.id) };
        case 'confirmSurvivors':
          return { ...answer, type: 'survivorsConfirmed', signature: new Uint8Array(64) };
        case 'revealShares':
          return { ...answer, type: 'sharesRevealed' };
      }
    });
  }

  /** Asynchronous, as cryptography is; a page that is loaded again has no session any more. */
  private answer(
    tab: Tab,
    roundNumber: number,
    answer: (session: NonNullable<Tab['session']>) => ParticipationEvent,
  ): void {
    this.work(tab, 0.5, () =>
      tab.session?.roundNumber === roundNumber
        ? answer(tab.session)
        : { type: 'secureSumFailed', at: this.now, roundNumber, code: 'secagg-state-lost' },
    );
  }

  private sendStage(tab: Tab, message: ClientMessage): void {
    const { id: clientId } = tab;
    if (!('roundNumber' in message)) return;
    const { roundNumber } = message;
    this.send(tab, () => {
      const about = { at: this.now, roundNumber, clientId };
      switch (message.type) {
        case 'keysOffered':
          return { ...about, type: 'keysOffered', offer: clientId.repeat(12) };
        case 'sharesSealed':
          return { ...about, type: 'sharesSealed' };
        case 'masked': {
          const { updateHash, updateBytes } = message;
          return { ...about, type: 'updateMasked', announcement: { updateHash, updateBytes } };
        }
        case 'survivorsConfirmed':
          return { ...about, type: 'survivorsConfirmed', confirmation: bytesToHex(message.signature) };
        case 'sharesRevealed': {
          const { round } = this.run;
          if (round?.phase === 'unmasking' && round.roundNumber === roundNumber) this.revealed.add(clientId);
          return { ...about, type: 'sharesRevealed', isEnough: this.revealed.size >= THRESHOLD };
        }
        default:
          throw new Error(`${message.type} is not of a secure sum`);
      }
    });
  }

  private upload(tab: Tab, roundNumber: number, updateHash: BlobHash): void {
    this.work(tab, 1, () => {
      if (this.happens(this.faultRate))
        return { type: 'uploadFailed', at: this.now, roundNumber, refused: false };
      if (this.happens(this.faultRate / 4)) return { type: 'updateLost', at: this.now, roundNumber };
      this.tellRun({ type: 'updateReceived', at: this.now, roundNumber, clientId: tab.id, updateHash });
      // Half of the faults lose the acknowledgement of an update that was taken.
      if (this.happens(this.faultRate))
        return { type: 'uploadFailed', at: this.now, roundNumber, refused: false };
      return { type: 'uploadFinished', at: this.now, roundNumber };
    });
  }

  /** Work may be interrupted by a reload of the tab, or by a broken connection. */
  private work(tab: Tab, seconds: number, done: () => ParticipationEvent): void {
    if (this.happens(this.faultRate)) {
      this.later(seconds / 2, () => {
        this.breakConnection(tab);
        tab.session = null;
        this.tellTab(tab, { type: 'restarted', at: this.now });
      });
      return;
    }
    if (this.happens(this.faultRate)) {
      this.later(seconds / 3, () => {
        this.breakConnection(tab);
        this.later(integerBelow(this.random, 40), () => this.connect(tab));
      });
    }
    if (this.happens(this.faultRate / 4)) this.later(seconds / 4, () => this.restartCoordinator());
    this.later(seconds, () => this.tellTab(tab, done()));
  }

  private restartCoordinator(): void {
    for (const tab of this.tabs) {
      this.breakConnection(tab, { tellRun: false });
      this.later(1 + unitInterval(this.random), () => this.connect(tab));
    }
    this.revealed.clear();
    this.tellRun({ type: 'restarted', at: this.now });
  }

  private connect(tab: Tab): void {
    if (tab.isConnected) return;
    tab.connection += 1;
    tab.isConnected = true;
    this.tellTab(tab, { type: 'connected', at: this.now });
  }

  private breakConnection(tab: Tab, { tellRun = true } = {}): void {
    if (!tab.isConnected) return;
    tab.connection += 1;
    tab.isConnected = false;
    this.tellTab(tab, { type: 'disconnected', at: this.now });
    if (tellRun) this.tellRun({ type: 'clientDisconnected', at: this.now, clientId: tab.id });
  }
}

describe('both sides together', () => {
  it('[R-13] without faults five rounds take less than four virtual minutes', () => {
    const world = new World(1, 0);
    expect(world.live(240)).toBeGreaterThan(5 * 6);
    expect(world.run).toMatchObject({ status: 'completed', committedRounds: 5, roundNumber: 5 });
    const accepted = world.tabs.reduce((sum, tab) => sum + tab.state.contributions, 0);
    // The last round's news and the end of the run may still be under way to its cohort.
    expect(accepted).toBeGreaterThanOrEqual(4 * plan.reportGoal);
    expect(accepted).toBeLessThanOrEqual(5 * plan.reportGoal);
  });

  it.each(Array.from({ length: 60 }, (_, seed) => seed))('[R-13] completes under faults, seed %d', (seed) => {
    const world = new World(seed, 0.15);
    world.live(12 * 3600);
    expect(world.run).toMatchObject({ status: 'completed', committedRounds: 5 });
  });

  it('[R-18] with secure aggregation and without faults, every round commits', () => {
    const world = new World(1, 0, secure);
    world.live(300);
    expect(world.run).toMatchObject({ status: 'completed', committedRounds: 5, roundNumber: 5 });
  });

  it.each(Array.from({ length: 60 }, (_, seed) => seed))(
    '[R-21] [P-16] with secure aggregation it completes under faults, and nobody is told two things, seed %d',
    (seed) => {
      const world = new World(seed, 0.04, secure);
      world.live(48 * 3600);
      expect(world.run).toMatchObject({ status: 'completed', committedRounds: 5 });
      expect(world.equivocations).toBe(0);
    },
  );
});

type StageEffect = Extract<
  ParticipationEffect,
  { type: 'shareSecrets' | 'maskUpdate' | 'confirmSurvivors' | 'revealShares' }
>;

function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = value;
  return rest;
}
