import { hasMember, membersOf } from '../bitmap.ts';
import { SecAggError } from '../errors.ts';
import type { SecAggCrypto } from '../ports.ts';
import { ENTRY_BYTES, fitsCommitment, SHARE_BYTES, sealedPart } from '../sealed-entry.ts';
import type { HeldShares, MetNeighbour, Opened, Shared } from './client-states.ts';
import { refuseFewSurvivors } from './survivor-rules.ts';

/** `sharesDelivered`. */
export interface SharesDelivery {
  /** U2, as a bitmap. */
  readonly sharers: Uint8Array;
  /** One entry for each neighbour in U2, in their order. */
  readonly bytes: Uint8Array;
}

/**
 * Opens what the neighbours dealt. One share that does not open or fit ends the session for this device: it drops out and is
 * recovered like anybody else. To go on without that neighbour would leave a mask out, and whom to leave out would be
 * the coordinator's choice.
 * @throws SecAggError `secagg-share-invalid`, `secagg-survivors-invalid`, `secagg-cohort-too-small`,
 *   `secagg-below-threshold`, `secagg-message-malformed`
 */
export async function openShares(
  state: Shared,
  { sharers, bytes }: SharesDelivery,
  crypto: SecAggCrypto,
): Promise<Opened> {
  const { session, index, neighbourhood, minimumSurvivors, selfMasks } = state;
  refuseFewSurvivors(state, membersOf(sharers, session.n));
  const dealers = state.neighbours.filter((neighbour) => hasMember(sharers, neighbour.index));
  if (bytes.length !== dealers.length * ENTRY_BYTES) {
    throw new SecAggError(
      'secagg-message-malformed',
      `${bytes.length} bytes of shares of ${dealers.length} dealers`,
    );
  }
  const held = await Promise.all(
    dealers.map((dealer, i) =>
      openEntry(state, dealer, bytes.subarray(i * ENTRY_BYTES, (i + 1) * ENTRY_BYTES), crypto),
    ),
  );
  return {
    stage: 'opened',
    session,
    index,
    neighbourhood,
    minimumSurvivors,
    sharers: sharers.slice(),
    masks: selfMasks.map((selfMask, vector) => [selfMask, ...dealers.map(({ masks }) => masks[vector]!)]),
    held,
  };
}

async function openEntry(
  { session, index }: Shared,
  { index: dealer, incoming: { key, nonce, context } }: MetNeighbour,
  entry: Uint8Array,
  crypto: SecAggCrypto,
): Promise<HeldShares> {
  const shares = await crypto.open(key, { nonce, context, bytes: sealedPart(entry) });
  if (shares === null)
    throw new SecAggError('secagg-share-invalid', `the shares of member ${dealer} do not open`);
  const held = { dealer, key: shares.subarray(0, SHARE_BYTES), seed: shares.subarray(SHARE_BYTES) };
  const direction = { from: dealer, to: index };
  const areFitting = (['key', 'seed'] as const).every((kind) =>
    fitsCommitment(entry, session.binding, direction, kind, held[kind]),
  );
  if (areFitting) return held;
  throw new SecAggError(
    'secagg-share-invalid',
    `the shares of member ${dealer} are not those it committed to`,
  );
}
