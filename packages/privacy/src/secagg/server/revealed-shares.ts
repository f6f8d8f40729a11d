import { hasMember, membersOf } from '../bitmap.ts';
import type { ShareKind } from '../derivations.ts';
import { SecAggError } from '../errors.ts';
import { fitsCommitment, SHARE_BYTES } from '../sealed-entry.ts';
import { entryFor, type SealedShares } from './relay-shares.ts';
import type { Remaining, ServerSession } from './server-session.ts';

/** Secret until the sum is known. */
export interface RevealedShare {
  readonly dealer: number;
  readonly holder: number;
  readonly kind: ShareKind;
  /** 32 bytes. */
  readonly share: Uint8Array;
}

/** `sharesRevealed` of one survivor. */
export interface RevealedAnswer extends Remaining {
  readonly index: number;
  /** 32 bytes for each of its neighbours in U2, in their order. */
  readonly bytes: Uint8Array;
}

/**
 * Compares each share with the commitment of its dealer, so that a wrong one is known by its holder and not only by a
 * sum that makes no sense.
 * @throws SecAggError `secagg-share-invalid` names the holder; `secagg-message-malformed`
 */
export function readRevealed(
  session: ServerSession,
  { index: holder, sharers, survivors, bytes }: RevealedAnswer,
  sealedBy: (dealer: number) => SealedShares,
): readonly RevealedShare[] {
  const dealers = session.neighbours[holder]!.filter((dealer) => hasMember(sharers, dealer));
  if (!hasMember(survivors, holder) || bytes.length !== dealers.length * SHARE_BYTES) {
    throw new SecAggError(
      'secagg-message-malformed',
      `member ${holder} has ${dealers.length} shares to reveal`,
    );
  }
  return dealers.map((dealer, i) => {
    const kind = hasMember(survivors, dealer) ? 'seed' : 'key';
    const share = bytes.slice(i * SHARE_BYTES, (i + 1) * SHARE_BYTES);
    const entry = entryFor(session, sealedBy(dealer), holder);
    if (!fitsCommitment(entry, session.binding, { from: dealer, to: holder }, kind, share)) {
      throw new SecAggError(
        'secagg-share-invalid',
        `member ${holder} revealed another share than member ${dealer} dealt`,
      );
    }
    return { dealer, holder, kind, share };
  });
}

/** What has to be rebuilt to remove the masks that are left in the sum. */
export interface NeededSecret {
  readonly dealer: number;
  readonly kind: ShareKind;
}

/**
 * The seed of each survivor, and the mask key of each sharer who dropped out: its masks are in the sum as often as it has
 * surviving neighbours, and without any there is nothing to rebuild.
 */
export function neededSecrets(
  { n, neighbours }: ServerSession,
  { sharers, survivors }: Remaining,
): readonly NeededSecret[] {
  return membersOf(sharers, n)
    .filter((dealer) => [dealer, ...neighbours[dealer]!].some((member) => hasMember(survivors, member)))
    .map((dealer) => ({ dealer, kind: hasMember(survivors, dealer) ? 'seed' : 'key' }));
}

/**
 * Secrets that cannot be rebuilt yet, and how many shares each lacks; none: `recoverMasks` can begin. Cheap enough to be asked
 * after each answer.
 * @param revealed whole answers, as `readRevealed` gives them
 */
export function missingShares(
  session: ServerSession,
  remaining: Remaining,
  revealed: readonly RevealedShare[],
): readonly { readonly dealer: number; readonly missing: number }[] {
  const holders = new Set(revealed.map(({ holder }) => holder));
  return neededSecrets(session, remaining)
    .map(({ dealer }) => {
      const shares = session.neighbours[dealer]!.filter((holder) => holders.has(holder)).length;
      return { dealer, missing: session.graph.shareThreshold - shares };
    })
    .filter(({ missing }) => missing > 0);
}
