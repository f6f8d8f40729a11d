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
  /** By holder. */
  readonly shares: ReadonlyMap<number, Uint8Array>;
}

/**
 * The seed of each survivor, and the mask key of each sharer who dropped out: its masks are in the sum as often as it has
 * surviving neighbours, and without any there is nothing to rebuild.
 */
export function neededSecrets(
  session: ServerSession,
  { sharers, survivors }: Remaining,
  revealed: readonly RevealedShare[],
): readonly NeededSecret[] {
  const needed = membersOf(sharers, session.n)
    .filter((dealer) =>
      [dealer, ...session.neighbours[dealer]!].some((member) => hasMember(survivors, member)),
    )
    .map((dealer) => ({
      dealer,
      kind: hasMember(survivors, dealer) ? ('seed' as const) : ('key' as const),
      shares: new Map<number, Uint8Array>(),
    }));
  const byDealer = new Map(needed.map((secret) => [secret.dealer, secret]));
  for (const { dealer, holder, kind, share } of revealed) {
    const secret = byDealer.get(dealer);
    if (secret?.kind === kind) secret.shares.set(holder, share);
  }
  return needed;
}

/** Secrets that cannot be rebuilt yet, and how many shares each lacks; none: `recoverMasks` can begin. */
export function missingShares(
  session: ServerSession,
  remaining: Remaining,
  revealed: readonly RevealedShare[],
): readonly { readonly dealer: number; readonly missing: number }[] {
  return neededSecrets(session, remaining, revealed)
    .map(({ dealer, shares }) => ({ dealer, missing: session.graph.shareThreshold - shares.size }))
    .filter(({ missing }) => missing > 0);
}
