/** The coordinator's side: carries sealed shares, adds masked inputs as they come, and takes the sum of masks off once. */
import { hasMember } from '../../secagg/bitmap.ts';
import { SecAggError } from '../../secagg/errors.ts';
import type { SecAggCrypto } from '../../secagg/ports.ts';
import { refuseUnfitKeys } from '../../secagg/roster.ts';
import { PROBE } from '../../secagg/server/read-offer.ts';
import { sealedShareBytes } from '../client/share-own-mask.ts';
import { addVector, PRIME, subtractVector } from '../field.ts';
import { unpackVector } from '../field-bytes.ts';
import { joinMasks } from '../mask-shares.ts';
import { type LightOffer, refuseForgery } from '../roster.ts';
import type { LightSession } from '../session.ts';
import type { LightTask } from '../task.ts';

/** What a member offers: channel key 32, signature 64. @throws SecAggError `secagg-message-malformed`, `secagg-roster-invalid`, `secagg-key-invalid` */
export async function readOffer(
  { identity, bytes }: { readonly identity: Uint8Array; readonly bytes: Uint8Array },
  task: LightTask,
  crypto: SecAggCrypto,
): Promise<LightOffer> {
  if (bytes.length !== 96) throw new SecAggError('secagg-message-malformed', 'a key is offered in 96 bytes');
  const offer = { identity, channelKey: bytes.subarray(0, 32), signature: bytes.subarray(32) };
  await refuseForgery(offer, task, crypto);
  refuseUnfitKeys([offer.channelKey]);
  if ((await crypto.x25519(PROBE, offer.channelKey)) === null) {
    throw new SecAggError('secagg-key-invalid', 'the offered key is of low order');
  }
  return offer;
}

/** What one dealer sealed: ciphertext. @throws SecAggError `secagg-message-malformed` */
export function readSealedShares(session: LightSession, dealer: number, bytes: Uint8Array): SealedShares {
  if (bytes.length !== (session.code.members - 1) * sealedShareBytes(session)) {
    throw new SecAggError('secagg-message-malformed', `member ${dealer} did not send a share for each other`);
  }
  return { dealer, bytes };
}

export interface SealedShares {
  readonly dealer: number;
  /** In the roster's order, without the dealer. */
  readonly bytes: Uint8Array;
}

/** @returns for each other sharer, ascending, the share that it sealed for `recipient` */
export function deliverShares(
  session: LightSession,
  recipient: number,
  sealed: readonly SealedShares[],
): Uint8Array {
  const size = sealedShareBytes(session);
  const others = sealed.filter(({ dealer }) => dealer !== recipient);
  const bytes = new Uint8Array(others.length * size);
  others.forEach(({ dealer, bytes: all }, place) => {
    const position = recipient < dealer ? recipient : recipient - 1;
    bytes.set(all.subarray(position * size, (position + 1) * size), place * size);
  });
  return bytes;
}

/** @throws SecAggError `secagg-message-malformed`: nothing is added */
export function addMaskedValues(session: LightSession, sum: Int32Array, bytes: Uint8Array): void {
  const masked = unpackVector(bytes, session.task.length);
  if (!masked)
    throw new SecAggError('secagg-message-malformed', 'a masked input is not elements of the field');
  addVector(sum, masked);
}

export interface ShareSum {
  readonly member: number;
  readonly shares: Int32Array;
}

/** @throws SecAggError `secagg-message-malformed`, `secagg-survivors-invalid` */
export function readShareSum(
  session: LightSession,
  {
    member,
    survivors,
    bytes,
  }: { readonly member: number; readonly survivors: Uint8Array; readonly bytes: Uint8Array },
): ShareSum {
  if (!hasMember(survivors, member)) {
    throw new SecAggError('secagg-survivors-invalid', `member ${member} answers, and is no survivor`);
  }
  const shares = unpackVector(bytes, session.code.pieceLength);
  if (!shares)
    throw new SecAggError('secagg-message-malformed', `member ${member} did not answer with a share`);
  return { member, shares };
}

/**
 * A wrong answer of a survivor cannot be told from a right one here: U answers are all that is needed, and all that is used.
 *
 * @param sum of the survivors' masked inputs
 * @param answers the first U count
 * @returns the sum of the inputs, as signed integers
 * @throws SecAggError `secagg-below-threshold`: the sum stays hidden
 */
export function unmaskSum(session: LightSession, sum: Int32Array, answers: readonly ShareSum[]): Int32Array {
  const { recovery } = session.code;
  if (answers.length < recovery) {
    throw new SecAggError(
      'secagg-below-threshold',
      `${answers.length} answers of ${recovery}: the sum stays hidden`,
    );
  }
  const unmasked = sum.slice();
  subtractVector(unmasked, joinMasks(answers.slice(0, recovery), session.code).subarray(0, sum.length));
  return unmasked.map((element) => (element > PRIME / 2 ? element - PRIME : element));
}
