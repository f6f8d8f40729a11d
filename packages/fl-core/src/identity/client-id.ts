import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { transcript } from '@tributary/privacy';
import type { ClientId, PublicKey } from '../identifiers.ts';

/** The public name of a device: a hash of its public key, so that only who holds the private key takes part under it. */
export function deriveClientId(publicKey: PublicKey): ClientId {
  const hash = sha256(transcript('tributary/client-id/v1', [hexToBytes(publicKey)]));
  return bytesToHex(hash).slice(0, 32) as ClientId;
}
