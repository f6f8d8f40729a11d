import { equalBytes } from '@noble/ciphers/utils.js';
import { hasMember } from '../bitmap.ts';
import { pairMaskKey, seedCommitment, selfMaskKey } from '../derivations.ts';
import { SecAggError } from '../errors.ts';
import type { Mask } from '../masks.ts';
import type { SecAggCrypto } from '../ports.ts';
import { openShareJoin } from '../shamir.ts';
import { type NeededSecret, neededSecrets, type RevealedShare } from './revealed-shares.ts';
import type { Remaining, ServerSession } from './server-session.ts';

/**
 * Rebuilds the secrets and derives from them what is left in the sum of the survivors' vectors. Each secret is compared
 * with what its owner published, so nothing is subtracted that was not added.
 * @returns for each vector the masks to apply to its sum
 * @throws SecAggError `secagg-below-threshold` before anything is rebuilt; `secagg-dealer-inconsistent` names the dealer
 */
export async function recoverMasks(
  session: ServerSession,
  remaining: Remaining,
  revealed: readonly RevealedShare[],
  crypto: SecAggCrypto,
): Promise<readonly (readonly Mask[])[]> {
  const found = findShares(neededSecrets(session, remaining), revealed);
  refuseFewShares(session, found);
  const join = openShareJoin();
  const masks: Mask[][] = session.task.vectors.map(() => []);
  for (const { dealer, kind, shares } of found) {
    const secret = join(chooseShares(session, dealer, shares));
    await refuseInconsistent(session, { dealer, kind, secret }, crypto);
    const left =
      kind === 'seed'
        ? [selfMasks(session, dealer, secret)]
        : await pairMasks(session, remaining, { dealer, secret }, crypto);
    for (const mask of left) for (const [vector, ofVector] of mask.entries()) masks[vector]!.push(ofVector);
    secret.fill(0);
  }
  return masks;
}

interface FoundShares extends NeededSecret {
  /** By holder. */
  readonly shares: ReadonlyMap<number, Uint8Array>;
}

function findShares(
  needed: readonly NeededSecret[],
  revealed: readonly RevealedShare[],
): readonly FoundShares[] {
  const found = needed.map((secret) => ({ ...secret, shares: new Map<number, Uint8Array>() }));
  const byDealer = new Map(found.map((secret) => [secret.dealer, secret]));
  for (const { dealer, holder, kind, share } of revealed) {
    const secret = byDealer.get(dealer);
    if (secret?.kind === kind) secret.shares.set(holder, share);
  }
  return found;
}

function refuseFewShares({ graph }: ServerSession, found: readonly FoundShares[]): void {
  const poor = found.find(({ shares }) => shares.size < graph.shareThreshold);
  if (!poor) return;
  throw new SecAggError(
    'secagg-below-threshold',
    `${poor.shares.size} shares of member ${poor.dealer}; ${graph.shareThreshold} rebuild its ${poor.kind}`,
  );
}

/** Exactly t, those at the lowest places: dealers with the same places need their Lagrange coefficients only once. */
function chooseShares(
  { graph, neighbours }: ServerSession,
  dealer: number,
  shares: ReadonlyMap<number, Uint8Array>,
): readonly { readonly x: number; readonly bytes: Uint8Array }[] {
  return neighbours[dealer]!.map((holder, position) => ({ x: position + 1, bytes: shares.get(holder) }))
    .flatMap(({ x, bytes }) => (bytes ? [{ x, bytes }] : []))
    .slice(0, graph.shareThreshold);
}

interface RebuiltSecret {
  readonly dealer: number;
  readonly secret: Uint8Array;
}

/** Its holders revealed what it dealt to them, so when the secret is another, its dealer lied. */
async function refuseInconsistent(
  { roster }: ServerSession,
  { dealer, kind, secret }: RebuiltSecret & Pick<NeededSecret, 'kind'>,
  crypto: SecAggCrypto,
): Promise<void> {
  const offer = roster.offers[dealer]!;
  const isConsistent =
    kind === 'seed'
      ? equalBytes(seedCommitment(secret), offer.seedCommitment)
      : equalBytes(await crypto.x25519PublicKey(secret), offer.maskKey);
  if (isConsistent) return;
  secret.fill(0);
  throw new SecAggError(
    'secagg-dealer-inconsistent',
    `the shares of member ${dealer} do not make its ${kind}`,
  );
}

/** For each vector the one that the survivor added for itself. */
function selfMasks({ task, binding }: ServerSession, index: number, seed: Uint8Array): readonly Mask[] {
  return task.vectors.map((_, vector) => ({ key: selfMaskKey(binding, seed, index, vector), sign: -1 }));
}

/** For each surviving neighbour of one who dropped out, for each vector: what that neighbour added, or subtracted. */
function pairMasks(
  { task, roster, binding, neighbours }: ServerSession,
  { survivors }: Remaining,
  { dealer, secret }: RebuiltSecret,
  crypto: SecAggCrypto,
): Promise<readonly (readonly Mask[])[]> {
  const surviving = neighbours[dealer]!.filter((neighbour) => hasMember(survivors, neighbour));
  return Promise.all(
    surviving.map(async (neighbour) => {
      const agreed = await crypto.x25519(secret, roster.offers[neighbour]!.maskKey);
      if (!agreed)
        throw new SecAggError('secagg-key-invalid', `a key of member ${neighbour} is of low order`);
      const sign = neighbour < dealer ? -1 : 1;
      const masks = task.vectors.map(
        (_, vector): Mask => ({ key: pairMaskKey(binding, agreed, [dealer, neighbour], vector), sign }),
      );
      agreed.fill(0);
      return masks;
    }),
  );
}
