/**
 * The functions of SA-1 as types, for those who build on them while the bodies are being written: each name here in
 * lower case is the function (`ShareSecrets` is `shareSecrets`). This file goes when the functions are there.
 */
import type { LaneSum, SecAggCrypto, Sign } from './ports.ts';

/** One vector of the sum: elements of `bits` bits, in Z_2^bits. */
export interface VectorShape {
  readonly bits: number;
  readonly length: number;
}

/** What both sides compute from the manifest, and what a device signs when it offers its keys. */
export interface SumTask {
  /** 32 bytes: hash of run and manifest. */
  readonly task: Uint8Array;
  readonly roundNumber: number;
  /** 32 bytes each. */
  readonly modelHash: Uint8Array;
  readonly modelLog: Uint8Array;
  /** The update, then its tail; both sides compute bits and lengths. */
  readonly vectors: readonly VectorShape[];
  readonly maximumCohort: number;
  readonly minimumSurvivors: number;
  readonly corruptFraction: number;
  readonly dropoutFraction: number;
  readonly adversary: 'semi-honest' | 'semi-malicious';
  readonly graph: 'auto' | 'complete';
}

/** One line of the roster, 192 bytes: identity 32, mask key 32, channel key 32, seed commitment 32, signature 64. */
export interface KeyOffer {
  readonly identity: Uint8Array;
  readonly maskKey: Uint8Array;
  readonly channelKey: Uint8Array;
  readonly seedCommitment: Uint8Array;
  readonly signature: Uint8Array;
  readonly bytes: Uint8Array;
}

export interface Roster {
  /** n offers of 192 bytes, sorted by identity: `rosterClosed.bytes`. */
  readonly bytes: Uint8Array;
  /** Merkle root of the offers. */
  readonly root: Uint8Array;
  readonly offers: readonly KeyOffer[];
}

/** Public, and the same on both sides. */
export interface SecureSession {
  readonly task: SumTask;
  /** 32 bytes. */
  readonly id: Uint8Array;
  readonly roster: Roster;
  readonly n: number;
  readonly graph: {
    readonly kind: 'complete' | 'harary';
    readonly degree: number;
    readonly shareThreshold: number;
  };
  readonly graphSeed: Uint8Array;
}

/** The data owner's own rules; the floor of both is 3, and the plan may ask for more. */
export interface CohortPolicy {
  readonly minimumCohort: number;
  readonly minimumSurvivors: number;
}

/** `client/secure-sum.ts`: the tab's side, in memory only. Every method refuses with SecAggError. */
export type OpenSecureSum = (options: {
  readonly task: SumTask;
  /** Ed25519 public key of the device, 32 bytes; `sign` signs with it. */
  readonly identity: Uint8Array;
  readonly sign: Sign;
  readonly crypto: SecAggCrypto;
  readonly policy: CohortPolicy;
}) => SecureSum;

/**
 * One session of one tab. Calls queue up; the same message again gives the very same bytes, another one in its place
 * `secagg-equivocation`. After a refusal everything is erased, and each later call refuses with the same code.
 */
export interface SecureSum {
  /** @returns `keysOffered.bytes`, 160 bytes; again and again the same */
  offerKeys(): Promise<Uint8Array>;
  /** On `rosterClosed`. @returns `sharesSealed.bytes` */
  shareSecrets(message: { readonly roster: Uint8Array; readonly beacon: Uint8Array }): Promise<Uint8Array>;
  /** On `sharesDelivered`. */
  openShares(message: { readonly sharers: Uint8Array; readonly bytes: Uint8Array }): Promise<void>;
  /** Adds the masks to the vectors in place, in the order of `task.vectors`. Once: a second call refuses. */
  maskVectors(vectors: readonly LaneSum[]): Promise<void>;
  /** On `survivorsClosed`. @returns `survivorsConfirmed.signature`, 64 bytes */
  confirmSurvivors(message: {
    readonly sharers: Uint8Array;
    readonly survivors: Uint8Array;
  }): Promise<Uint8Array>;
  /** On `unmaskRequested`. @returns `sharesRevealed.bytes` */
  revealShares(message: { readonly confirmations: Uint8Array }): Promise<Uint8Array>;
  /** What this device computed of the group, for the page; null before the roster. */
  group(): SecureGroup | null;
  /** Overwrites every secret; later calls refuse with `secagg-state-lost`. */
  erase(): void;
}

export interface SecureGroup {
  readonly cohort: number;
  readonly graph: 'complete' | 'harary';
  readonly degree: number;
  readonly shareThreshold: number;
  /** The larger of policy and plan. */
  readonly minimumSurvivors: number;
  /** Null before `survivorsClosed`. */
  readonly survivors: number | null;
}

// The coordinator's side. Bitmaps: bit i is byte i >> 3, bit i & 7; ceil(n / 8) bytes.

/** @param bytes `keysOffered.bytes`, 160 bytes. @throws SecAggError `secagg-message-malformed`, `secagg-roster-invalid` (signature), `secagg-key-invalid` (low order) */
export type ReadOffer = (
  offer: { readonly identity: Uint8Array; readonly bytes: Uint8Array },
  task: SumTask,
  crypto: SecAggCrypto,
) => Promise<KeyOffer>;
/** A stored offer of 192 bytes that was checked before. */
export type ParseOffer = (bytes: Uint8Array) => KeyOffer;
/** Sorts. @throws SecAggError `secagg-roster-invalid`, `secagg-key-invalid`, `secagg-roster-too-large` */
export type CloseRoster = (offers: readonly KeyOffer[], task: SumTask) => Roster;
/** Pure: after a restart it is opened again from the stored roster and beacon. @throws SecAggError `secagg-parameters-impossible` */
export type OpenServerSession = (task: SumTask, roster: Roster, beacon: Uint8Array) => ServerSession;

export interface ServerSession extends SecureSession {
  /** Ascending, for each index. */
  readonly neighbours: readonly (readonly number[])[];
}

/** @throws SecAggError `secagg-message-malformed` */
export type ReadSealedShares = (session: ServerSession, dealer: number, bytes: Uint8Array) => SealedShares;
export interface SealedShares {
  readonly dealer: number;
  /** As they came: 112 bytes for each neighbour of the dealer. Ciphertext. */
  readonly bytes: Uint8Array;
}
/** `sharesDelivered.bytes` for `recipient`. */
export type DeliverShares = (
  session: ServerSession,
  recipient: number,
  sharers: Uint8Array,
  sealedBy: (dealer: number) => SealedShares,
) => Uint8Array;

export type CheckConfirmation = (
  session: ServerSession,
  confirmation: {
    readonly index: number;
    readonly sharers: Uint8Array;
    readonly survivors: Uint8Array;
    readonly signature: Uint8Array;
  },
  crypto: SecAggCrypto,
) => Promise<boolean>;
/** `unmaskRequested.bytes` for `recipient`: the checked signatures of its neighbours that are known. */
export type ConfirmationsFor = (
  session: ServerSession,
  recipient: number,
  signatures: ReadonlyMap<number, Uint8Array>,
) => Uint8Array;

/** Secret. */
export interface RevealedShare {
  readonly dealer: number;
  readonly holder: number;
  readonly kind: 'key' | 'seed';
  /** 32 bytes. */
  readonly share: Uint8Array;
}
/** Each share is compared with its dealer's commitment. @throws SecAggError `secagg-share-invalid`: the holder lies; `secagg-message-malformed` */
export type ReadRevealed = (
  session: ServerSession,
  answer: {
    readonly index: number;
    readonly sharers: Uint8Array;
    readonly survivors: Uint8Array;
    readonly bytes: Uint8Array;
  },
  sealedBy: (dealer: number) => SealedShares,
) => readonly RevealedShare[];
/** The secrets that cannot be rebuilt yet, and how many shares each lacks; empty: `recoverMasks` can begin. */
export type MissingShares = (
  session: ServerSession,
  members: { readonly sharers: Uint8Array; readonly survivors: Uint8Array },
  revealed: readonly RevealedShare[],
) => readonly { readonly dealer: number; readonly missing: number }[];

/** Secret until it is subtracted. Plain data, so that it can be sent to a worker. */
export interface Mask {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly sign: 1 | -1;
}
/**
 * Rebuilds and verifies the secrets.
 * @returns for each vector the masks to apply (`applyMasks`), which removes what is left in the sum
 * @throws SecAggError `secagg-below-threshold`; `secagg-dealer-inconsistent` names the dealer
 */
export type RecoverMasks = (
  session: ServerSession,
  members: { readonly sharers: Uint8Array; readonly survivors: Uint8Array },
  revealed: readonly RevealedShare[],
  crypto: SecAggCrypto,
) => Promise<readonly (readonly Mask[])[]>;

/**
 * Adds every mask times its sign to the elements [from, to) of `sum`, chunk by chunk. Both sides use it: the tab over
 * the whole vector, the coordinator over one slice in each worker.
 */
export type ApplyMasks = (
  sum: LaneSum,
  masks: readonly Mask[],
  slice: { readonly from: number; readonly to: number },
  crypto: SecAggCrypto,
) => Promise<void>;
