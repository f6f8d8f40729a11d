/** Whether a device signed a message (Ed25519, RFC 8032), under a strict key. */
import { verify } from 'node:crypto';
import { isStrictKey } from '@tributary/fl-core';

/** DER of a SubjectPublicKeyInfo for Ed25519, up to the 32 bytes of the key (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export function isSignedBy(
  publicKey: Uint8Array,
  { message, signature }: { readonly message: Uint8Array; readonly signature: Uint8Array },
): boolean {
  if (!isStrictKey(publicKey)) return false;
  const key = Buffer.concat([SPKI_PREFIX, publicKey]);
  try {
    return verify(null, message, { key, format: 'der', type: 'spki' }, signature);
  } catch {
    // OpenSSL throws for some keys that are no point of the curve, and returns false for others.
    return false;
  }
}
