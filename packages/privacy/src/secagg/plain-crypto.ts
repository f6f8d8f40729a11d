/**
 * The plain implementation of the port, in JavaScript throughout (noble, audited): what the fast ones are compared with,
 * and what a browser without WebCrypto falls back on.
 */
import { ctr, gcm } from '@noble/ciphers/aes.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { counterBlock } from './counter-block.ts';
import type { MaskStream, SecAggCrypto } from './ports.ts';

/** @param randomBytes from a cryptographic generator; seeded in tests and simulations */
export function plainCrypto(randomBytes: (length: number) => Uint8Array): SecAggCrypto {
  return {
    randomBytes,
    x25519PublicKey: async (privateKey) => x25519.getPublicKey(privateKey),
    x25519: async (...keys) => sharedSecret(...keys),
    seal: async (key, { nonce, context, bytes }) => gcm(key, nonce, context).encrypt(bytes),
    open: async (key, { nonce, context, bytes }) => {
      try {
        return gcm(key, nonce, context).decrypt(bytes);
      } catch {
        return null;
      }
    },
    verify: async (...claim) => isSignedBy(...claim),
    maskStream,
  };
}

/** @returns null when the shared secret is all zeros */
function sharedSecret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | null {
  for (const key of [privateKey, publicKey])
    if (key.length !== 32) throw new RangeError(`X25519 keys have 32 bytes, not ${key.length}`);
  try {
    return x25519.getSharedSecret(privateKey, publicKey);
  } catch {
    // The lengths are right, so this is the one thing that it refuses.
    return null;
  }
}

/** Strictly: a public key of small order, or one written in another than its only form, is nobody's. */
function isSignedBy(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  return ed25519.verify(signature, message, publicKey, { zip215: false });
}

function maskStream(key: Uint8Array): MaskStream {
  const secret = key.slice();
  return {
    read: (offset, length) => ctr(secret, counterBlock(offset)).encrypt(new Uint8Array(length)),
  };
}
