/** The coordinator's implementation of what the secure sum needs: OpenSSL through node:crypto. */
import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { counterBlock, type MaskStream, type SecAggCrypto } from '@tributary/privacy';
import { isSignedBy } from '../auth/device-signature.ts';

/** DER of a PrivateKeyInfo for X25519, up to the 32 bytes of the key (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const BASE_POINT = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 9 : 0));
const GCM_TAG_BYTES = 16;

export function openNodeCrypto(): SecAggCrypto {
  const privateKeyOf = rememberLast(importPrivateKey);
  const agree = (privateKey: Uint8Array, publicKey: Uint8Array) =>
    viewOf(diffieHellman({ privateKey: privateKeyOf(privateKey), publicKey: importPublicKey(publicKey) }));
  return {
    randomBytes: (length) => viewOf(randomBytes(length)),
    // Faster than taking a private key apart: X25519 of the base point is the public key.
    x25519PublicKey: async (privateKey) => agree(privateKey, BASE_POINT),
    x25519: async (privateKey, publicKey) => {
      try {
        return agree(privateKey, publicKey);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ERR_OSSL_FAILED_DURING_DERIVATION') return null;
        throw error;
      }
    },
    seal: async (key, { nonce, context, bytes }) => {
      const cipher: CipherGCM = createCipheriv('aes-256-gcm', key, nonce).setAAD(context);
      return viewOf(Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]));
    },
    open: async (key, { nonce, context, bytes }) => {
      if (bytes.length < GCM_TAG_BYTES) return null;
      const end = bytes.length - GCM_TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: GCM_TAG_BYTES })
        .setAAD(context)
        .setAuthTag(bytes.subarray(end));
      try {
        return viewOf(Buffer.concat([decipher.update(bytes.subarray(0, end)), decipher.final()]));
      } catch {
        return null;
      }
    },
    verify: async (publicKey, message, signature) => isSignedBy(publicKey, { message, signature }),
    maskStream: openMaskStream,
  };
}

/** One cipher for as long as the stream is read from front to back, as it nearly always is: another costs some microseconds. */
function openMaskStream(key: Uint8Array): MaskStream {
  const secret = createSecretKey(key);
  const cipherAt = (offset: number) => createCipheriv('aes-256-ctr', secret, counterBlock(offset));
  let at = 0;
  let cipher = cipherAt(at);
  return {
    read: (offset, length) => {
      if (offset !== at) cipher = cipherAt(offset);
      at = offset + length;
      return viewOf(cipher.update(zeros(length)));
    },
  };
}

let zeroBytes = new Uint8Array(131_072);
/** Never written to: the key stream is what encrypting zeros gives. */
function zeros(length: number): Uint8Array {
  if (zeroBytes.length < length) zeroBytes = new Uint8Array(length);
  return zeroBytes.subarray(0, length);
}

function importPrivateKey(privateKey: Uint8Array): KeyObject {
  // OpenSSL would read the first 32 bytes of more.
  if (privateKey.length !== 32) throw new RangeError('private keys of X25519 have 32 bytes');
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, privateKey]), format: 'der', type: 'pkcs8' });
}

/** As a JWK, which OpenSSL takes in a tenth of the time of DER. */
function importPublicKey(publicKey: Uint8Array): KeyObject {
  const x = Buffer.from(publicKey).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
}

/** OpenSSL takes ten times as long to read a private key as to use it, and each is used with many public keys in a row. */
function rememberLast(read: (bytes: Uint8Array) => KeyObject): (bytes: Uint8Array) => KeyObject {
  let last: { readonly bytes: Buffer; readonly key: KeyObject } | null = null;
  return (bytes) => {
    if (!last?.bytes.equals(bytes)) last = { bytes: Buffer.from(bytes), key: read(bytes) };
    return last.key;
  };
}

/** Without the methods of Buffer, of which some mean something else than those of a Uint8Array. */
const viewOf = ({ buffer, byteOffset, length }: Buffer): Uint8Array =>
  new Uint8Array(buffer, byteOffset, length);
