/** What a participant is made of, and what can be done with it. */
import type { LeaveReason, RunId, TaskManifest, Trainer, WorkLimit } from '@tributary/fl-core';
import type { UpdateEncoder } from './encoding/update-encoder.ts';
import type { LedgerEntry } from './ledger/ledger-entry.ts';
import type { ParticipantEvents, ParticipantView } from './participant-events.ts';
import type { Clock } from './ports/clock.ts';
import type { ParticipantStorage } from './ports/participant-storage.ts';
import type { PrivateData } from './ports/private-data.ts';
import type { SecureSumPolicy } from './secure-sum/policy.ts';
import type { OpenControlChannel } from './transport/control-channel.ts';
import type { Subscribable } from './typed-emitter.ts';

export type OpenTrainer = (manifest: TaskManifest, signal: AbortSignal) => Promise<Trainer>;

export interface ParticipantOptions {
  /** Origin of the coordinator, e.g. `https://tributary.example`. */
  readonly coordinatorUrl: string;
  /** The run that the ticket admits to; `fetchJoinInfo` tells. */
  readonly runId: RunId;
  /**
   * The plan that the person agreed to, as `fetchJoinInfo` gave it. A coordinator that admits to another one is left at
   * once: the participant reports `plan-changed`, and nothing is downloaded, trained or sent.
   */
  readonly manifest: TaskManifest;
  /** The admission ticket from the join link. */
  readonly ticket: string;
  /**
   * A trainer, which stays the caller's to dispose of; or a function that opens one when the first round needs it,
   * which the participant disposes of.
   */
  readonly trainer: Trainer | OpenTrainer;
  /** Gives updates the form in which they leave; without one, on this thread. */
  readonly encoder?: UpdateEncoder;
  readonly data: PrivateData;
  readonly storage: ParticipantStorage;
  /** Aborting it is `dispose()`. */
  readonly signal?: AbortSignal;
  /** How much of the time this device may train; without one, all of it. */
  readonly workLimit?: WorkLimit;
  /** What this device asks of a secure sum; without it, groups of at least `USUAL_COHORT`. */
  readonly secureSum?: SecureSumPolicy;
  readonly clock?: Clock;
  readonly fetch?: typeof globalThis.fetch;
  readonly openChannel?: OpenControlChannel;
}

export interface Participant extends Subscribable<ParticipantEvents> {
  readonly view: ParticipantView;
  /**
   * Takes part: from what is stored of this run, if anything (a reload inside a round goes on in it).
   * Resolves when the first step is stored, not when the run is over.
   * @throws TributaryError `data-missing` when there is no example to train on
   */
  start(): Promise<void>;
  /** Leaves at once and tells the coordinator; `start()` comes back. */
  leave(reason?: LeaveReason): Promise<void>;
  /** `after-round` finishes the round in progress first (the polite way); `now` leaves it. */
  pause(how?: 'after-round' | 'now'): Promise<void>;
  /** Takes back a pause, also one that has not begun yet. */
  resume(): Promise<void>;
  /** Everything that this storage saw leaving the device for this run, oldest first. */
  ledger(): Promise<readonly LedgerEntry[]>;
  /** The exact bytes of a ledger entry, by its hash; null when they are not kept, or no longer. */
  sentPayload(sha256: string): Promise<Uint8Array | null>;
  /** Stops work, timers and connection without a word to the coordinator: like a closed tab. Idempotent. */
  dispose(): Promise<void>;
}
