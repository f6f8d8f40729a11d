/** Who takes part: one line of 128 bytes for each member, identity 32, channel key 32, signature 64, sorted by identity. */
import { SecAggError } from '../secagg/errors.ts';
import { merkleRoot } from '../secagg/merkle.ts';
import type { SecAggCrypto } from '../secagg/ports.ts';
import { compareBytes, refuseUnfitKeys } from '../secagg/roster.ts';
import { offerMessage } from './derivations.ts';
import type { LightTask } from './task.ts';

const LINE_BYTES = 128;

export interface LightOffer {
  readonly identity: Uint8Array;
  readonly channelKey: Uint8Array;
  readonly signature: Uint8Array;
}

export interface LightRoster {
  readonly offers: readonly LightOffer[];
  readonly root: Uint8Array;
}

/** What crosses the wire. */
export function rosterBytes(offers: readonly LightOffer[]): Uint8Array {
  const bytes = new Uint8Array(offers.length * LINE_BYTES);
  offers.forEach(({ identity, channelKey, signature }, index) => {
    const line = bytes.subarray(index * LINE_BYTES);
    line.set(identity);
    line.set(channelKey, 32);
    line.set(signature, 64);
  });
  return bytes;
}

/**
 * @throws SecAggError `secagg-message-malformed`; `secagg-roster-invalid` unless identities ascend; `secagg-key-invalid` for a key
 *   that occurs twice or is not in its only form
 */
export function parseRoster(bytes: Uint8Array): LightRoster {
  if (bytes.length % LINE_BYTES !== 0) {
    throw new SecAggError('secagg-message-malformed', `a roster of ${bytes.length} bytes`);
  }
  const lines = Array.from({ length: bytes.length / LINE_BYTES }, (_, index) =>
    bytes.slice(index * LINE_BYTES, (index + 1) * LINE_BYTES),
  );
  const offers = lines.map((line) => ({
    identity: line.subarray(0, 32),
    channelKey: line.subarray(32, 64),
    signature: line.subarray(64),
  }));
  const isSorted = offers.every(
    ({ identity }, index) => index === 0 || compareBytes(offers[index - 1]!.identity, identity) < 0,
  );
  if (!isSorted)
    throw new SecAggError('secagg-roster-invalid', 'the roster is not sorted by distinct identities');
  refuseUnfitKeys(offers.map(({ channelKey }) => channelKey));
  return { offers, root: merkleRoot(lines) };
}

/** @throws SecAggError `secagg-roster-invalid` unless the member signed this key for this task and model */
export async function refuseForgery(offer: LightOffer, task: LightTask, crypto: SecAggCrypto): Promise<void> {
  if (await crypto.verify(offer.identity, offerMessage(task, offer), offer.signature)) return;
  throw new SecAggError('secagg-roster-invalid', 'an offer is not signed for this task and model');
}
