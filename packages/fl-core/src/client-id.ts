import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { ClientId } from './identifiers.ts';

/**
 * The public name of a device in one coordinator: a hash of its secret, so that knowing the name does not help
 * to take part under it.
 * @param deviceSecret 64 lower-case hex digits (256 random bits), kept by the device
 */
export function deriveClientId(deviceSecret: string): ClientId {
  return bytesToHex(sha256(utf8ToBytes(`tributary/client-id/v1/${deviceSecret}`))).slice(0, 32) as ClientId;
}
