import { concatBytes } from '@noble/hashes/utils.js';
import { offerMessage } from '../derivations.ts';
import { SecAggError } from '../errors.ts';
import type { SecAggCrypto } from '../ports.ts';
import { type KeyOffer, OFFER_MESSAGE_BYTES, parseOffer, refuseUnfitKeys } from '../roster.ts';
import type { SumTask } from '../sum-task.ts';

/** `keysOffered` of somebody who has checked in. */
export interface OfferMessage {
  /** Ed25519 public key that signed the check-in, 32 bytes. */
  readonly identity: Uint8Array;
  /** 160 bytes. */
  readonly bytes: Uint8Array;
}

/**
 * Keys that nobody could use are refused when they are offered: later they would end the session of every neighbour, or
 * leave the whole cohort without a roster.
 * @throws SecAggError `secagg-message-malformed`, `secagg-roster-invalid` (signature), `secagg-key-invalid`
 */
export async function readOffer(
  { identity, bytes }: OfferMessage,
  task: SumTask,
  crypto: SecAggCrypto,
): Promise<KeyOffer> {
  if (identity.length !== 32 || bytes.length !== OFFER_MESSAGE_BYTES) {
    throw new SecAggError('secagg-message-malformed', `keys are offered in ${OFFER_MESSAGE_BYTES} bytes`);
  }
  const offer = parseOffer(concatBytes(identity, bytes));
  if (!(await crypto.verify(identity, offerMessage(task, offer), offer.signature))) {
    throw new SecAggError('secagg-roster-invalid', 'the offer is not signed for this task and model');
  }
  const keys = [offer.maskKey, offer.channelKey];
  refuseUnfitKeys(keys);
  for (const key of keys) {
    if ((await crypto.x25519(PROBE, key)) === null) {
      throw new SecAggError('secagg-key-invalid', 'an offered key is of low order');
    }
  }
  return offer;
}

/**
 * Whatever the private key: clamping makes it a multiple of the cofactor, which takes each point of low order to zero. And
 * always the same, since reading a private key takes OpenSSL ten times as long as using it.
 */
export const PROBE = new Uint8Array(32).fill(1);
