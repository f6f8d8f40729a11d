/**
 * Who takes part in one secure sum, and with which keys. Both sides read the same bytes by the same rules: the coordinator
 * when it closes the cohort, each tab when it hears of it.
 */

import { equalBytes } from '@noble/ciphers/utils.js';
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js';
import type { OfferedKeys } from './derivations.ts';
import { SecAggError } from './errors.ts';
import { merkleRoot } from './merkle.ts';
import type { SumTask } from './sum-task.ts';

/** What `keysOffered` carries: mask key, channel key, seed commitment and signature. */
export const OFFER_MESSAGE_BYTES = 160;
/** The same after the identity that checked in: one entry of the roster. */
export const OFFER_BYTES = 192;
/** Whatever the plan says. */
export const MAXIMUM_COHORT = 1000;

export interface KeyOffer extends OfferedKeys {
  /** Ed25519 by the identity, over `offerMessage`; 64 bytes. */
  readonly signature: Uint8Array;
  /** The 192 bytes of the roster. */
  readonly bytes: Uint8Array;
}

export interface Roster {
  /** n offers, ascending by identity; the position of an offer is its owner's index. */
  readonly bytes: Uint8Array;
  readonly offers: readonly KeyOffer[];
  /** `merkleRoot` of the offers. */
  readonly root: Uint8Array;
}

/** Splits 192 bytes; checks nothing but their number. @throws SecAggError `secagg-message-malformed` */
export function parseOffer(bytes: Uint8Array): KeyOffer {
  if (bytes.length !== OFFER_BYTES) {
    throw new SecAggError(
      'secagg-message-malformed',
      `a key offer has ${OFFER_BYTES} bytes, not ${bytes.length}`,
    );
  }
  return {
    identity: bytes.subarray(0, 32),
    maskKey: bytes.subarray(32, 64),
    channelKey: bytes.subarray(64, 96),
    seedCommitment: bytes.subarray(96, 128),
    signature: bytes.subarray(128),
    bytes,
  };
}

/**
 * @throws SecAggError `secagg-message-malformed`, `secagg-roster-too-large`; `secagg-roster-invalid` unless identities
 *   ascend; `secagg-key-invalid` when a key occurs twice, or could under another form
 */
export function parseRoster(bytes: Uint8Array, { maximumCohort }: Pick<SumTask, 'maximumCohort'>): Roster {
  const n = bytes.length / OFFER_BYTES;
  if (!Number.isInteger(n)) {
    throw new SecAggError(
      'secagg-message-malformed',
      `a roster of ${bytes.length} bytes has no whole number of offers`,
    );
  }
  const limit = Math.min(maximumCohort, MAXIMUM_COHORT);
  if (n > limit)
    throw new SecAggError('secagg-roster-too-large', `${n} in the roster, at most ${limit} may be`);
  const offers = Array.from({ length: n }, (_, i) =>
    parseOffer(bytes.subarray(i * OFFER_BYTES, (i + 1) * OFFER_BYTES)),
  );
  refuseUnsorted(offers);
  refuseUnfitKeys(offers.flatMap(({ maskKey, channelKey }) => [maskKey, channelKey]));
  return { bytes, offers, root: merkleRoot(offers.map((offer) => offer.bytes)) };
}

/** Sorts what was offered. @throws SecAggError as `parseRoster` */
export function closeRoster(offers: readonly KeyOffer[], task: Pick<SumTask, 'maximumCohort'>): Roster {
  const sorted = offers.toSorted((a, b) => compareBytes(a.identity, b.identity));
  return parseRoster(concatBytes(...sorted.map(({ bytes }) => bytes)), task);
}

/** @throws SecAggError `secagg-roster-invalid` unless the very bytes that this device offered are in the roster */
export function indexOfOffer({ offers }: Roster, own: KeyOffer): number {
  const index = offers.findIndex(({ identity }) => equalBytes(identity, own.identity));
  if (index < 0) throw new SecAggError('secagg-roster-invalid', 'this device is not in the roster');
  if (!equalBytes(offers[index]!.bytes, own.bytes)) {
    throw new SecAggError(
      'secagg-roster-invalid',
      'the roster has other keys for this device than it offered',
    );
  }
  return index;
}

/** Twice the same identity is unsorted, too. */
function refuseUnsorted(offers: readonly KeyOffer[]): void {
  const at = offers.findIndex(
    ({ identity }, i) => i > 0 && compareBytes(offers[i - 1]!.identity, identity) >= 0,
  );
  if (at > 0) {
    throw new SecAggError(
      'secagg-roster-invalid',
      `identities ${at - 1} and ${at} of the roster do not ascend`,
    );
  }
}

/** @throws SecAggError `secagg-key-invalid` */
export function refuseUnfitKeys(keys: readonly Uint8Array[]): void {
  if (!keys.every(isCanonical)) {
    throw new SecAggError('secagg-key-invalid', 'a public key is not in its only form');
  }
  if (new Set(keys.map(bytesToHex)).size < keys.length) {
    throw new SecAggError('secagg-key-invalid', 'a public key occurs twice');
  }
}

/**
 * Below 2^255 - 19. X25519 ignores the highest bit and reduces what is larger (RFC 7748, section 5), so a key of somebody
 * else could be offered again as other bytes.
 */
function isCanonical(key: Uint8Array): boolean {
  if (key[31]! !== 0x7f) return key[31]! < 0x7f;
  return key[0]! < 0xed || key.subarray(1, 31).some((byte) => byte < 0xff);
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
