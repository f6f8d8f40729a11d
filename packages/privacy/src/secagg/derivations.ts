/**
 * Every hash, key and signed message of SA-1. All of them are made of a `transcript` that begins with what it is for, and
 * all keys name the session and the root of the roster: members who were told of different models, tasks, plans or rosters
 * derive different keys, so their masks do not cancel and their shares do not open (after Pasquini, Francati and
 * Ateniese, Eluding secure aggregation in federated learning via model inconsistency, 2022).
 *
 * Numbers are little-endian: kinds, vectors and the suite have 1 byte, positions in the roster 2, all others 4.
 */
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { SumTask } from './sum-task.ts';
import { transcript, u8, u16, u32 } from './transcript.ts';

/** X25519, HKDF-SHA-256, AES-256-GCM, AES-256-CTR, Ed25519, and Shamir's scheme over GF(2^8). */
const SUITE = u8(1);

const SHARE_DOMAIN = 'SA-1/share';

/** What each key of a session is bound to: 32 bytes each. */
export interface SessionBinding {
  /** See `sessionId`. */
  readonly session: Uint8Array;
  /** `merkleRoot` of the key offers, sorted by identity. */
  readonly cohortRoot: Uint8Array;
}

/** Who sends to whom: positions in the roster. */
export interface Direction {
  readonly from: number;
  readonly to: number;
}

/** @param manifest as JSON, byte for byte as the run has it @returns 32 bytes */
export function taskHash(runId: string, manifest: string): Uint8Array {
  return hashOf('SA-1/task', [utf8ToBytes(runId), utf8ToBytes(manifest)]);
}

/** What a key offer promises; 32 bytes each. */
export interface OfferedKeys {
  /** Ed25519: who signs. */
  readonly identity: Uint8Array;
  /** X25519, for pairwise masks. */
  readonly maskKey: Uint8Array;
  /** X25519, for sealed shares. */
  readonly channelKey: Uint8Array;
  /** See `seedCommitment`. */
  readonly seedCommitment: Uint8Array;
}

/** What a key offer signs: fresh keys, for this round of this task and the model that its owner trained from. */
export function offerMessage(task: SumTask, keys: OfferedKeys): Uint8Array {
  return transcript('SA-1/offer', [
    SUITE,
    ...occasion(task),
    keys.identity,
    keys.maskKey,
    keys.channelKey,
    keys.seedCommitment,
  ]);
}

/** Binds a member to the seed of its self mask before it knows the roster. @param seed 32 bytes @returns 32 bytes */
export function seedCommitment(seed: Uint8Array): Uint8Array {
  return hashOf('SA-1/seed-commit', [seed]);
}

/** What makes a session, beside its task. */
export interface SessionOpening {
  readonly cohortRoot: Uint8Array;
  /** 32 bytes, drawn by the coordinator after the roster was closed. */
  readonly beacon: Uint8Array;
  /** Members of the roster. */
  readonly memberCount: number;
  readonly graph: {
    readonly kind: 'complete' | 'harary';
    /** Neighbours of each member. */
    readonly degree: number;
    /** Shares of neighbours that rebuild a secret. */
    readonly shareThreshold: number;
  };
}

/** @returns 32 bytes: different whenever anything differs that the sum depends on */
export function sessionId(
  task: SumTask,
  { cohortRoot, beacon, memberCount, graph }: SessionOpening,
): Uint8Array {
  return hashOf('SA-1/session', [
    SUITE,
    ...occasion(task),
    cohortRoot,
    beacon,
    u32(memberCount),
    utf8ToBytes(graph.kind),
    u32(graph.degree),
    u32(graph.shareThreshold),
    u32(task.minimumSurvivors),
    ...task.vectors.flatMap(({ bits, length }) => [u32(bits), u32(length)]),
  ]);
}

/** Where the order of the members around the graph comes from: nobody knew it when the keys were offered. @returns 32 bytes */
export function graphSeed(cohortRoot: Uint8Array, beacon: Uint8Array): Uint8Array {
  return hashOf('SA-1/graph', [cohortRoot, beacon]);
}

/**
 * The key of the mask that two members share, the same on both sides: the lower position adds it, the higher subtracts.
 * @param agreed X25519 of one's mask key and the other's
 * @param pair the two positions, in any order
 * @param vector which vector of the task
 * @returns 32 bytes
 */
export function pairMaskKey(
  binding: SessionBinding,
  agreed: Uint8Array,
  pair: readonly [number, number],
  vector: number,
): Uint8Array {
  const fields = [SUITE, binding.cohortRoot, u16(Math.min(...pair)), u16(Math.max(...pair)), u8(vector)];
  return derive(binding, agreed, transcript('SA-1/pair-mask', fields), 32);
}

/** The key of the mask that a member adds for itself. @param seed 32 bytes @param index its position @returns 32 bytes */
export function selfMaskKey(
  binding: SessionBinding,
  seed: Uint8Array,
  index: number,
  vector: number,
): Uint8Array {
  const info = transcript('SA-1/self-mask', [SUITE, binding.cohortRoot, u16(index), u8(vector)]);
  return derive(binding, seed, info, 32);
}

/** AES-256-GCM for one message: whoever is told of another session, sender or recipient cannot open it. */
export interface ShareChannel {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes. */
  readonly nonce: Uint8Array;
  readonly context: Uint8Array;
}

/**
 * The channel from one member to another. Key and nonce come out of one derivation and serve one message; sealing the
 * same bytes once more gives the same ciphertext.
 * @param agreed X25519 of one's channel key and the other's
 */
export function shareChannel(
  binding: SessionBinding,
  agreed: Uint8Array,
  { from, to }: Direction,
): ShareChannel {
  const info = transcript(SHARE_DOMAIN, [SUITE, binding.cohortRoot, u16(from), u16(to)]);
  const output = derive(binding, agreed, info, 44);
  return {
    key: output.subarray(0, 32),
    nonce: output.subarray(32),
    context: transcript(SHARE_DOMAIN, [binding.session, u16(from), u16(to)]),
  };
}

const SHARE_KINDS = { key: u8(0), seed: u8(1) } as const;
/** Of what a share is a share: of the private mask key, or of the seed of the self mask. */
export type ShareKind = keyof typeof SHARE_KINDS;

/**
 * What a dealer publishes of a share, so that neither its holder nor the dealer can lie about it later. One for each kind,
 * since the coordinator sees only one share of the two.
 * @param direction from the dealer to the holder
 * @returns 16 bytes: a second share with the same commitment takes the dealer 2^64 tries and gains it nothing, since the
 *   rebuilt secret is checked as well
 */
export function shareCommitment(
  { session }: Pick<SessionBinding, 'session'>,
  { from, to }: Direction,
  kind: ShareKind,
  share: Uint8Array,
): Uint8Array {
  const fields = [session, u16(from), u16(to), SHARE_KINDS[kind], share];
  return hashOf('SA-1/share-commit', fields).subarray(0, 16);
}

/** What each survivor signs before it reveals anything. @param sharers U2 @param survivors U3, both as bitmaps */
export function survivorsMessage(
  { session, cohortRoot }: SessionBinding,
  sharers: Uint8Array,
  survivors: Uint8Array,
): Uint8Array {
  return transcript('SA-1/survivors', [session, cohortRoot, sharers, survivors]);
}

/** Which round of which task, from which model, after which models. */
function occasion({ task, roundNumber, modelHash, modelLog }: SumTask): readonly Uint8Array[] {
  return [task, u32(roundNumber), modelHash, modelLog];
}

function hashOf(domain: string, fields: readonly Uint8Array[]): Uint8Array {
  return sha256(transcript(domain, fields));
}

/** HKDF with SHA-256 (RFC 5869), salted with the session. */
function derive(
  { session }: SessionBinding,
  secret: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  return hkdf(sha256, secret, session, info, length);
}
