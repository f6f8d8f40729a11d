import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { ClientId } from './identifiers.ts';
import type { Sha256 } from './ports/hash.ts';
import { blobHashOf, plainSha256 } from './sha256.ts';

/**
 * The client id that belongs to a device secret: the first 128 bits of its labelled SHA-256. Both sides compute
 * it; only the id is ever kept or shown.
 */
export function deriveClientId(deviceSecret: string, hash: Sha256 = plainSha256): ClientId {
  return blobHashOf(utf8ToBytes(`tributary/client-id/v1/${deviceSecret}`), hash).slice(
    0,
    32,
  ) as string as ClientId;
}
