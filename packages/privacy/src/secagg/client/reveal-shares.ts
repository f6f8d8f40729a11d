import { concatBytes } from '@noble/hashes/utils.js';
import { hasMember } from '../bitmap.ts';
import { type Confirmation, readConfirmations } from '../confirmations.ts';
import { survivorsMessage } from '../derivations.ts';
import { SecAggError } from '../errors.ts';
import type { SecAggCrypto } from '../ports.ts';
import type { Confirmed, Revealed } from './client-states.ts';

/** `unmaskRequested`. */
export interface UnmaskRequest {
  /** See `readConfirmations`. */
  readonly confirmations: Uint8Array;
}

/**
 * Reveals one share of each sharing neighbour, after at least t surviving neighbours have signed the very survivors that
 * this device signed: what any t of them would reveal is then the same kind for each person.
 * @returns bytes: `sharesRevealed.bytes`, 32 bytes for each neighbour in U2
 * @throws SecAggError `secagg-survivors-unconfirmed`, `secagg-message-malformed`
 */
export async function revealShares(
  state: Confirmed,
  { confirmations }: UnmaskRequest,
  crypto: SecAggCrypto,
): Promise<{ state: Revealed; bytes: Uint8Array }> {
  const { session, index, neighbourhood, minimumSurvivors, survivors, shares } = state;
  const witnesses = await countWitnesses(state, readConfirmations(confirmations), crypto);
  if (witnesses < session.graph.shareThreshold) {
    throw new SecAggError(
      'secagg-survivors-unconfirmed',
      `${witnesses} neighbours signed the same survivors; ${session.graph.shareThreshold} must`,
    );
  }
  return {
    state: { stage: 'revealed', session, index, neighbourhood, minimumSurvivors, survivors },
    bytes: concatBytes(...shares),
  };
}

async function countWitnesses(
  { session, neighbourhood, sharers, survivors }: Confirmed,
  confirmations: readonly Confirmation[],
  crypto: SecAggCrypto,
): Promise<number> {
  const message = survivorsMessage(session.binding, sharers, survivors);
  const fromSurvivors = confirmations.filter(
    ({ index }) => neighbourhood.includes(index) && hasMember(survivors, index),
  );
  const areValid = await Promise.all(
    fromSurvivors.map(({ index, signature }) =>
      crypto.verify(session.roster.offers[index]!.identity, message, signature),
    ),
  );
  return areValid.filter(Boolean).length;
}
