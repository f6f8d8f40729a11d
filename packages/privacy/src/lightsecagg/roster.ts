/** Who takes part: one line of 128 bytes for each member, identity 32, channel key 32, signature 64, sorted by identity. */
import { SecAggError } from '../secagg/errors.ts';
import { merkleRoot } from '../secagg/merkle.ts';
import type { SecAggCrypto } from '../secagg/ports.ts';
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
 * @throws SecAggError `secagg-message-malformed`; `secagg-roster-invalid` for a wrong order, a person named twice, or a wrong
 *   signature; `secagg-key-invalid` for a key that occurs twice
 */
export async function readRoster(
  bytes: Uint8Array,
  task: LightTask,
  crypto: SecAggCrypto,
): Promise<LightRoster> {
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
  if (new Set(offers.map(({ channelKey }) => channelKey.join())).size < offers.length) {
    throw new SecAggError('secagg-key-invalid', 'a key occurs twice in the roster');
  }
  for (const offer of offers) {
    if (!(await crypto.verify(offer.identity, offerMessage(task, offer), offer.signature))) {
      throw new SecAggError('secagg-roster-invalid', 'an offer in the roster is not signed by its member');
    }
  }
  return { offers, root: merkleRoot(lines) };
}

export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const at = left.findIndex((byte, index) => byte !== right[index]);
  return at === -1 ? 0 : left[at]! - right[at]!;
}
