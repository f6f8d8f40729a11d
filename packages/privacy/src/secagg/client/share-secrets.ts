/**
 * The second stage of SA-1, after ShareKeys of Bonawitz et al., Practical secure aggregation (2017), figure 4, and Bell et
 * al., Secure single-server aggregation with (poly)logarithmic overhead (2020): the tab checks whom it is about to hide
 * among, and deals shares of its secrets to its neighbours.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import {
  offerMessage,
  pairMaskKey,
  type SessionBinding,
  type ShareChannel,
  selfMaskKey,
  shareChannel,
  shareCommitment,
} from '../derivations.ts';
import { SecAggError } from '../errors.ts';
import { neighboursOf } from '../graph.ts';
import type { Mask } from '../masks.ts';
import type { SecAggCrypto } from '../ports.ts';
import { indexOfOffer, parseRoster, type Roster } from '../roster.ts';
import { openSession, type SecureSession } from '../session.ts';
import { splitSecret } from '../shamir.ts';
import type { MetNeighbour, Offered, Shared } from './client-states.ts';

/** The data owner's own rules. The plan may ask for more, never for less, and nobody for less than three. */
export interface CohortPolicy {
  readonly minimumCohort: number;
  readonly minimumSurvivors: number;
}

/** Of two, each learns the other's update from the sum. */
export const SMALLEST_COHORT = 3;

/** `rosterClosed`, and what this device makes of it. */
export interface RosterAnnouncement {
  readonly roster: Uint8Array;
  readonly beacon: Uint8Array;
  readonly policy: CohortPolicy;
}

/**
 * @returns bytes: `sharesSealed.bytes`, one entry for each neighbour
 * @throws SecAggError `secagg-cohort-too-small`, `secagg-key-invalid` (low order), `secagg-roster-invalid` (not as it was
 *   offered, or a neighbour signed another model or task), `secagg-parameters-impossible`, and those of `parseRoster`
 */
export async function shareSecrets(
  state: Offered,
  { roster: bytes, beacon, policy }: RosterAnnouncement,
  crypto: SecAggCrypto,
): Promise<{ state: Shared; bytes: Uint8Array }> {
  const { task } = state;
  const roster = parseRoster(bytes, task);
  const index = indexOfOffer(roster, state.offer);
  const minimumSurvivors = Math.max(SMALLEST_COHORT, policy.minimumSurvivors, task.minimumSurvivors);
  refuseSmallCohort(roster.offers.length, Math.max(minimumSurvivors, policy.minimumCohort));
  const session = openSession(task, roster, beacon);
  const neighbourhood = neighboursOf(session.graph, session.graphSeed, session.n, index);
  await refuseOtherTasks(session, neighbourhood, crypto);
  const met = await Promise.all(neighbourhood.map((peer) => meet(state, session, { index, peer }, crypto)));
  const entries = await dealShares(state, session, { index, met }, crypto);
  const neighbours = met.map(({ outgoing: _, ...neighbour }) => neighbour);
  const selfMasks = task.vectors.map(
    (_, vector): Mask => ({ key: selfMaskKey(session.binding, state.seed, index, vector), sign: 1 }),
  );
  return {
    state: { stage: 'shared', session, index, neighbourhood, minimumSurvivors, neighbours, selfMasks },
    bytes: concatBytes(...entries),
  };
}

function refuseSmallCohort(n: number, minimum: number): void {
  if (n < minimum) {
    throw new SecAggError('secagg-cohort-too-small', `a cohort of ${n}; this device asks for ${minimum}`);
  }
}

/**
 * Neighbours must have signed the task and the model that this device trained for: a coordinator that shows people
 * different ones is found out here already, before the masks would fail to cancel.
 */
async function refuseOtherTasks(
  { task, roster }: SecureSession,
  neighbourhood: readonly number[],
  crypto: SecAggCrypto,
): Promise<void> {
  const areValid = await Promise.all(neighbourhood.map((peer) => isSigned(roster, peer)));
  const liar = neighbourhood[areValid.indexOf(false)];
  if (liar !== undefined) {
    throw new SecAggError('secagg-roster-invalid', `offer ${liar} is not signed for this task and model`);
  }

  function isSigned({ offers }: Roster, peer: number): Promise<boolean> {
    const { identity, signature, ...keys } = offers[peer]!;
    return crypto.verify(identity, offerMessage(task, { identity, ...keys }), signature);
  }
}

interface Pair {
  readonly index: number;
  readonly peer: number;
}

/** Agrees on all that this device and a neighbour will ever have between them. */
async function meet(
  { maskSecret, channelSecret }: Offered,
  { task, roster, binding }: SecureSession,
  { index, peer }: Pair,
  crypto: SecAggCrypto,
): Promise<MetNeighbour & { readonly outgoing: ShareChannel }> {
  const { maskKey, channelKey } = roster.offers[peer]!;
  const forMasks = await agree(maskSecret, maskKey);
  const forShares = await agree(channelSecret, channelKey);
  // Of each pair the lower index adds and the higher subtracts, so their masks cancel in the sum.
  const sign = index < peer ? 1 : -1;
  const neighbour = {
    index: peer,
    masks: task.vectors.map(
      (_, vector): Mask => ({ key: pairMaskKey(binding, forMasks, [index, peer], vector), sign }),
    ),
    incoming: shareChannel(binding, forShares, { from: peer, to: index }),
    outgoing: shareChannel(binding, forShares, { from: index, to: peer }),
  };
  for (const secret of [forMasks, forShares]) secret.fill(0);
  return neighbour;

  async function agree(secret: Uint8Array, key: Uint8Array): Promise<Uint8Array> {
    const agreed = await crypto.x25519(secret, key);
    if (agreed) return agreed;
    throw new SecAggError('secagg-key-invalid', `a key of member ${peer} is of low order`);
  }
}

interface Dealing {
  readonly index: number;
  readonly met: readonly (MetNeighbour & { readonly outgoing: ShareChannel })[];
}

async function dealShares(
  { maskSecret, seed }: Offered,
  { graph, binding }: SecureSession,
  { index, met }: Dealing,
  crypto: SecAggCrypto,
): Promise<readonly Uint8Array[]> {
  const splitting = {
    shareThreshold: graph.shareThreshold,
    shareCount: met.length,
    randomBytes: (length: number) => crypto.randomBytes(length),
  };
  const keyShares = splitSecret(maskSecret, splitting);
  const seedShares = splitSecret(seed, splitting);
  return Promise.all(met.map((neighbour, i) => sealEntry(neighbour, keyShares[i]!, seedShares[i]!)));

  async function sealEntry(
    { index: peer, outgoing: { key, nonce, context } }: (typeof met)[number],
    keyShare: Uint8Array,
    seedShare: Uint8Array,
  ): Promise<Uint8Array> {
    const shares = concatBytes(keyShare, seedShare);
    const sealed = await crypto.seal(key, { nonce, context, bytes: shares });
    const entry = concatBytes(
      sealed,
      ...commitments(binding, { from: index, to: peer }, keyShare, seedShare),
    );
    for (const secret of [shares, keyShare, seedShare, key]) secret.fill(0);
    return entry;
  }
}

const commitments = (
  binding: SessionBinding,
  direction: { readonly from: number; readonly to: number },
  keyShare: Uint8Array,
  seedShare: Uint8Array,
) => [
  shareCommitment(binding, direction, 'key', keyShare),
  shareCommitment(binding, direction, 'seed', seedShare),
];
