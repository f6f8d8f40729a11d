/**
 * Whether a device signed a message (Ed25519, RFC 8032). Stricter than the standard asks: a public key of small order,
 * or one written in a way that is not the only one, is nobody's. Under a key of small order one signature passes for
 * many messages, so that anybody could be that device.
 */
import { verify } from 'node:crypto';

/** DER of a SubjectPublicKeyInfo for Ed25519, up to the 32 bytes of the key (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export function isSignedBy(
  publicKey: Uint8Array,
  { message, signature }: { readonly message: Uint8Array; readonly signature: Uint8Array },
): boolean {
  if (!isCanonical(publicKey) || isOfSmallOrder(publicKey)) return false;
  const key = Buffer.concat([SPKI_PREFIX, publicKey]);
  try {
    return verify(null, message, { key, format: 'der', type: 'spki' }, signature);
  } catch {
    // OpenSSL throws for some keys that are no point of the curve, and returns false for others.
    return false;
  }
}

/** y of a canonical key is below the field's prime 2^255 - 19, which is ed ff .. ff 7f in little-endian. */
function isCanonical(publicKey: Uint8Array): boolean {
  const isAtLeastThePrime =
    publicKey[0]! >= 0xed &&
    publicKey.subarray(1, 31).every((byte) => byte === 0xff) &&
    (publicKey[31]! & 0x7f) === 0x7f;
  return publicKey.length === 32 && !isAtLeastThePrime;
}

/** The y of the eight points whose order divides 8, without the sign of x; canonical ones only. */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

function isOfSmallOrder(publicKey: Uint8Array): boolean {
  const y = Buffer.from(publicKey);
  y[31]! &= 0x7f;
  return SMALL_ORDER_Y.has(y.toString('hex'));
}
