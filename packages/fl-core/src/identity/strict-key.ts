/**
 * Stricter than RFC 8032 asks: a public key of small order, or one written in a way that is not the only one, is nobody's.
 * Under a key of small order one signature passes for many messages, so that anybody could be that device.
 */
import { bytesToHex } from '@noble/hashes/utils.js';

/** Whether an Ed25519 public key may stand for somebody; that it lies on the curve is for the verification to find. */
export function isStrictKey(publicKey: Uint8Array): boolean {
  return publicKey.length === 32 && isCanonical(publicKey) && !isOfSmallOrder(publicKey);
}

/** y of a canonical key is below the field's prime 2^255 - 19, which is ed ff .. ff 7f in little-endian. */
function isCanonical(publicKey: Uint8Array): boolean {
  const isAtLeastThePrime =
    publicKey[0]! >= 0xed &&
    publicKey.subarray(1, 31).every((byte) => byte === 0xff) &&
    (publicKey[31]! & 0x7f) === 0x7f;
  return !isAtLeastThePrime;
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
  // `slice` of a Buffer would be no copy.
  const y = Uint8Array.from(publicKey);
  y[31]! &= 0x7f;
  return SMALL_ORDER_Y.has(bytesToHex(y));
}
