/** A tuned run by the machine that every runner runs, whose members do what they are asked. */
import {
  type ClientId,
  type Instant,
  instant,
  openRun,
  type RunEvent,
  type RunId,
  type RunState,
  type SumEncoding,
  type SumFacts,
  stepRun,
  type TaskManifest,
} from '@tributary/fl-core';
import { announcementOf, clientsNamed, MODEL } from './rounds.ts';

/** What is seen of each sum is told. */
export class TunedRun {
  state: RunState;
  now: Instant = instant(0);
  readonly told = new Map<number, SumEncoding | undefined>();
  readonly outcomes: string[] = [];

  readonly manifest: TaskManifest;
  readonly members: readonly ClientId[];

  constructor(manifest: TaskManifest) {
    this.manifest = manifest;
    this.members = clientsNamed(manifest.rounds.reportGoal);
    this.state = openRun({ runId: 'run-a' as RunId, manifest, modelHash: MODEL });
    for (const clientId of this.members) this.feed({ type: 'clientCheckedIn', at: this.now, clientId });
    this.feed({ type: 'resumeRequested', at: this.now });
  }

  get encoding(): SumEncoding {
    return this.state.round!.encoding!;
  }

  feed(event: RunEvent): void {
    const stored = JSON.parse(JSON.stringify(this.state)) as RunState;
    const { state, effects } = stepRun(stored, event);
    this.state = state;
    for (const effect of effects) {
      if (effect.type === 'send' && effect.message.type === 'invited') {
        this.told.set(effect.message.roundNumber, effect.message.encoding);
      }
      if (effect.type === 'recordRound') {
        const { round } = effect;
        this.outcomes.push(round.phase === 'abandoned' ? round.reason : round.phase);
      }
    }
  }

  /** @param uploads seconds that each takes; those beyond the deadline never come */
  round(seen: Partial<SumFacts> | null, uploads: readonly number[] = this.members.map(() => 1)): void {
    const { roundNumber } = this.state;
    const { encoding } = this;
    const about = { at: this.now, roundNumber };
    for (const clientId of this.members) {
      this.feed({ type: 'trainingFinished', ...about, clientId, announcement: announcementOf(clientId) });
    }
    this.feed({ type: 'rosterPersisted', ...about, beacon: null });
    const { reportingSeconds } = this.manifest.rounds;
    const begun = this.now;
    const order = this.members.map((clientId, i) => ({ clientId, seconds: uploads[i]! }));
    for (const { clientId, seconds } of order.sort((left, right) => left.seconds - right.seconds)) {
      this.now = instant(begun + 1000 * Math.min(seconds, reportingSeconds));
      if (seconds >= reportingSeconds) this.feed({ type: 'timeAdvanced', at: this.now });
      else {
        const { updateHash } = announcementOf(clientId);
        this.feed({ type: 'updateReceived', at: this.now, roundNumber, clientId, updateHash });
      }
    }
    const usual = { ...encoding, rms: 0, nearEdge: 0, alarm: 'none', count: this.members.length } as const;
    const sum = { ...usual, ...seen };
    const isUnusable = sum.alarm === 'severe' || sum.alarm === 'coarse';
    const modelHash = announcementOf(this.members[0]!, `model ${roundNumber}`).updateHash;
    const common = { at: this.now, roundNumber, sum };
    this.feed(isUnusable ? { type: 'sumUnusable', ...common } : { type: 'aggregated', ...common, modelHash });
    for (const clientId of this.members) this.feed({ type: 'clientCheckedIn', at: this.now, clientId });
  }
}
