import { equalBytes } from '@noble/ciphers/utils.js';
import { type Direction, type SessionBinding, type ShareKind, shareCommitment } from './derivations.ts';

/** What a dealer sends to one neighbour: both shares, sealed together, and a commitment to each. */
export const ENTRY_BYTES = 112;
export const SHARE_BYTES = 32;
/** Share of the mask key, share of the seed, tag of AES-GCM. */
const SEALED_BYTES = 80;
const COMMITMENT_BYTES = 16;

export const sealedPart = (entry: Uint8Array): Uint8Array => entry.subarray(0, SEALED_BYTES);

/** Whether a share is the one that its dealer committed to. @param direction from the dealer to the holder */
export function fitsCommitment(
  entry: Uint8Array,
  binding: SessionBinding,
  direction: Direction,
  kind: ShareKind,
  share: Uint8Array,
): boolean {
  const at = SEALED_BYTES + (kind === 'key' ? 0 : COMMITMENT_BYTES);
  const published = entry.subarray(at, at + COMMITMENT_BYTES);
  return equalBytes(shareCommitment(binding, direction, kind, share), published);
}
