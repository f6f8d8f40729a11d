/** Second stage: a fresh mask, and for each other member a sealed share of it. */
import { equalBytes } from '@noble/ciphers/utils.js';
import { type CohortPolicy, SMALLEST_COHORT } from '../../secagg/client/share-secrets.ts';
import { SecAggError } from '../../secagg/errors.ts';
import type { SecAggCrypto } from '../../secagg/ports.ts';
import { shareChannel } from '../derivations.ts';
import { packedBytes, packVector } from '../field-bytes.ts';
import { shareMask } from '../mask-shares.ts';
import { parseRoster, refuseForgery } from '../roster.ts';
import { type LightSession, openSession } from '../session.ts';
import { uniformVector } from '../uniform.ts';
import type { Offered } from './offer-key.ts';

export interface Shared {
  readonly session: LightSession;
  readonly index: number;
  readonly minimumSurvivors: number;
  /** With each other member, from X25519; null for oneself. Secret. */
  readonly agreed: readonly (Uint8Array | null)[];
  /** Secret: what hides the input. */
  readonly mask: Int32Array;
  /** Secret. */
  readonly ownShare: Int32Array;
}

const TAG_BYTES = 16;

export const sealedShareBytes = (session: LightSession): number =>
  packedBytes(session.code.pieceLength) + TAG_BYTES;

/**
 * @returns the state, and what is sent: a sealed share for each other member, in the roster's order
 * @throws SecAggError for a roster that this device does not join: too small, without it, or faulty
 */
export async function shareOwnMask(
  { task, identity, channelSecret, channelKey }: Offered,
  { roster: bytes, policy }: { readonly roster: Uint8Array; readonly policy: CohortPolicy },
  crypto: SecAggCrypto,
): Promise<{ readonly state: Shared; readonly bytes: Uint8Array }> {
  const roster = parseRoster(bytes);
  await Promise.all(roster.offers.map((offer) => refuseForgery(offer, task, crypto)));
  const index = roster.offers.findIndex((offer) => equalBytes(offer.identity, identity));
  if (index === -1 || !equalBytes(roster.offers[index]!.channelKey, channelKey)) {
    throw new SecAggError('secagg-roster-invalid', 'this device is not in the roster as it offered itself');
  }
  if (roster.offers.length < policy.minimumCohort) {
    throw new SecAggError(
      'secagg-cohort-too-small',
      `${roster.offers.length} members are fewer than asked for`,
    );
  }
  const session = openSession(task, roster);
  const { code } = session;
  const mask = uniformVector(code.dataPieces * code.pieceLength, crypto.randomBytes);
  const noise = uniformVector(code.privacy * code.pieceLength, crypto.randomBytes);
  const shares = shareMask(mask, noise, code);
  noise.fill(0);

  const agreed = await Promise.all(
    roster.offers.map((offer, other) =>
      other === index ? null : agree(offer.channelKey, channelSecret, crypto),
    ),
  );
  const sealed = new Uint8Array((code.members - 1) * sealedShareBytes(session));
  let at = 0;
  for (const [to, secret] of agreed.entries()) {
    if (secret === null) continue;
    const { key, nonce, context } = shareChannel(session.id, secret, { from: index, to });
    const share = packVector(shares[to]!);
    sealed.set(await crypto.seal(key, { nonce, context, bytes: share }), at);
    at += sealedShareBytes(session);
    for (const spent of [key, share, shares[to]!]) spent.fill(0);
  }
  const minimumSurvivors = Math.max(
    SMALLEST_COHORT,
    policy.minimumSurvivors,
    task.minimumSurvivors,
    code.recovery,
  );
  const ownShare = shares[index]!;
  return { state: { session, index, minimumSurvivors, agreed, mask, ownShare }, bytes: sealed };
}

async function agree(theirs: Uint8Array, ours: Uint8Array, crypto: SecAggCrypto): Promise<Uint8Array> {
  const secret = await crypto.x25519(ours, theirs);
  if (secret === null) throw new SecAggError('secagg-key-invalid', 'a key in the roster is of low order');
  return secret;
}
