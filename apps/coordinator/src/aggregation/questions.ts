/** What the aggregation thread is asked. Each question may be asked twice: a thread may die before it has answered. */
import type {
  BlobHash,
  RoundCode,
  RunId,
  SumFacts,
  SumManifest,
  Survivor,
  Tail,
  TaskManifest,
  TensorShape,
} from '@tributary/fl-core';
import type { Unmasking } from '../secure-sum/unmasking.ts';
import type { BlobLocation } from '../storage/blob-store.ts';

/** What of a run's manifest and of a round matters for its sum; small, because it goes with every question. */
export interface SumRules {
  readonly shapes: readonly TensorShape[];
  readonly manifest: SumManifest & Pick<TaskManifest, 'downlink'>;
  readonly round: RoundCode;
}

/** What of a run's manifest makes its first model. */
export type FirstModelRules = Pick<TaskManifest, 'model' | 'seed' | 'downlink'>;

/** Which sum. */
export interface SumName {
  readonly runId: RunId;
  readonly roundNumber: number;
}

/** An update that may become part of a sum: it is its sender's, announced with this hash. */
export interface Candidate extends Survivor {
  readonly updateBytes: number;
}

export interface LocatedSurvivor extends Survivor {
  readonly at: BlobLocation;
}

export type AggregationQuestion =
  /** Is it what was announced, and are its numbers right? If so it is held until it is folded or dropped. */
  | {
      readonly kind: 'check';
      readonly sum: SumName;
      readonly rules: SumRules;
      readonly candidate: Candidate;
      readonly at: BlobLocation;
    }
  /** The rules of the round have taken the held update. */
  | { readonly kind: 'fold'; readonly sum: SumName; readonly rules: SumRules; readonly survivor: Survivor }
  /** They have not. */
  | { readonly kind: 'drop'; readonly sum: SumName; readonly survivor: Survivor }
  /** The next model, from exactly these updates; whichever are not in the sum yet are read. */
  | {
      readonly kind: 'finish';
      readonly sum: SumName;
      readonly rules: SumRules;
      readonly survivors: readonly LocatedSurvivor[];
      readonly model: BlobLocation;
      readonly optimiser: BlobLocation | null;
      /** With secure aggregation: what takes the masks out of the sum first. */
      readonly unmasking: Unmasking | null;
    }
  /** The round is over, whatever became of it. */
  | { readonly kind: 'forget'; readonly sum: SumName }
  /** A run's first model. */
  | { readonly kind: 'initialise'; readonly manifest: FirstModelRules }
  /** Bytes from outside that should be a model: are they a whole frame? */
  | { readonly kind: 'adopt'; readonly bytes: Uint8Array }
  /** A stored blob, proven whole. */
  | { readonly kind: 'read'; readonly hash: BlobHash; readonly at: BlobLocation };

/** Bytes with their hash, calculated where nobody waits for it. */
export interface HashedBytes {
  readonly hash: BlobHash;
  readonly bytes: Uint8Array;
}

export type AggregationAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'blob'; readonly blob: HashedBytes }
  | ({ readonly kind: 'next' } & NextModel)
  | UnusableSum;

export interface NextModel {
  readonly model: HashedBytes;
  readonly optimiser: HashedBytes;
  /** What the tails of the updates add up to; null where they have none. */
  readonly tally: Tail | null;
  /** What was seen of the sum, in a run that tunes its step. */
  readonly facts: SumFacts | null;
}

/** Its step was too small or too large: no model is made of it. */
export interface UnusableSum {
  readonly kind: 'unusable';
  readonly facts: SumFacts;
}
