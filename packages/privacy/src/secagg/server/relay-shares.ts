import { concatBytes } from '@noble/hashes/utils.js';
import { hasMember } from '../bitmap.ts';
import { SecAggError } from '../errors.ts';
import { ENTRY_BYTES } from '../sealed-entry.ts';
import type { ServerSession } from './server-session.ts';

/** What one member dealt: ciphertext and commitments, to be kept until the sum is known. */
export interface SealedShares {
  readonly dealer: number;
  /** `sharesSealed.bytes`: one entry for each of the dealer's neighbours, in their order. */
  readonly bytes: Uint8Array;
}

/** @throws SecAggError `secagg-message-malformed` */
export function readSealedShares(session: ServerSession, dealer: number, bytes: Uint8Array): SealedShares {
  const expected = session.neighbours[dealer]!.length * ENTRY_BYTES;
  if (bytes.length === expected) return { dealer, bytes };
  throw new SecAggError(
    'secagg-message-malformed',
    `member ${dealer} dealt ${bytes.length} bytes, not ${expected}`,
  );
}

/** @returns `sharesDelivered.bytes`: what the recipient's neighbours in U2 dealt to it, in their order */
export function deliverShares(
  session: ServerSession,
  recipient: number,
  sharers: Uint8Array,
  sealedBy: (dealer: number) => SealedShares,
): Uint8Array {
  const dealers = session.neighbours[recipient]!.filter((dealer) => hasMember(sharers, dealer));
  return concatBytes(...dealers.map((dealer) => entryFor(session, sealedBy(dealer), recipient)));
}

export function entryFor(
  session: ServerSession,
  { dealer, bytes }: SealedShares,
  holder: number,
): Uint8Array {
  const at = session.neighbours[dealer]!.indexOf(holder) * ENTRY_BYTES;
  return bytes.subarray(at, at + ENTRY_BYTES);
}
