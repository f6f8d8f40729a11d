import { concatBytes } from '@noble/hashes/utils.js';
import { offerMessage, seedCommitment } from '../derivations.ts';
import type { SecAggCrypto, Sign } from '../ports.ts';
import { parseOffer } from '../roster.ts';
import type { SumTask } from '../sum-task.ts';
import type { Offered } from './client-states.ts';

/** Who offers keys, and what for. */
export interface Offering {
  readonly task: SumTask;
  /** Ed25519 public key of this device, 32 bytes. */
  readonly identity: Uint8Array;
  readonly sign: Sign;
  readonly crypto: SecAggCrypto;
}

/**
 * Draws fresh keys and a seed for one session, and signs them together with the model that this device trained from.
 * @returns bytes: `keysOffered.bytes`, 160 bytes
 */
export async function offerKeys({ task, identity, sign, crypto }: Offering): Promise<{
  state: Offered;
  bytes: Uint8Array;
}> {
  const maskSecret = crypto.randomBytes(32);
  const channelSecret = crypto.randomBytes(32);
  const seed = crypto.randomBytes(32);
  const keys = {
    identity,
    maskKey: await crypto.x25519PublicKey(maskSecret),
    channelKey: await crypto.x25519PublicKey(channelSecret),
    seedCommitment: seedCommitment(seed),
  };
  const signature = await sign(offerMessage(task, keys));
  const offer = parseOffer(
    concatBytes(identity, keys.maskKey, keys.channelKey, keys.seedCommitment, signature),
  );
  return {
    state: { stage: 'offered', task, offer, maskSecret, channelSecret, seed },
    bytes: offer.bytes.slice(identity.length),
  };
}
