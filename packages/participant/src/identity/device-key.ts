/** The key pair of a device (Ed25519, RFC 8032), in the two forms in which it can be kept. */
import { TributaryError } from '@tributary/fl-core';

export type DeviceKey =
  /** Kept by the browser, which signs with it and gives it to nobody, not even to this page. */
  | { readonly kind: 'webcrypto'; readonly publicKey: Uint8Array; readonly privateKey: CryptoKey }
  /** Where WebCrypto or its Ed25519 is missing: whoever reads the storage of this site has the secret. */
  | { readonly kind: 'plain'; readonly publicKey: Uint8Array; readonly secret: Uint8Array };

const ED25519 = 'Ed25519';

/** The strongest form that this platform offers. */
export async function createDeviceKey(): Promise<DeviceKey> {
  try {
    const pair = (await crypto.subtle.generateKey(ED25519, false, ['sign', 'verify'])) as CryptoKeyPair;
    const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
    return { kind: 'webcrypto', publicKey, privateKey: pair.privateKey };
  } catch {
    // Over plain HTTP there is no `crypto.subtle`; older browsers have it without this algorithm.
    return createPlainDeviceKey();
  }
}

/** @param secret 32 bytes; the platform's randomness when absent */
export async function createPlainDeviceKey(
  secret: Uint8Array = crypto.getRandomValues(new Uint8Array(32)),
): Promise<DeviceKey> {
  const ed25519 = await loadEd25519();
  return { kind: 'plain', publicKey: ed25519.getPublicKey(secret), secret };
}

export async function signWith(key: DeviceKey, message: Uint8Array): Promise<Uint8Array> {
  if (key.kind === 'plain') return (await loadEd25519()).sign(message, key.secret);
  return new Uint8Array(await crypto.subtle.sign(ED25519, key.privateKey, message as BufferSource));
}

/** Whether whoever holds the private half of `publicKey` signed this message. */
export async function verifySignature(claim: {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}): Promise<boolean> {
  const { publicKey, message, signature } = claim;
  const ed25519 = await loadEd25519();
  // Not the lenient rules of ZIP 215, under which several signatures pass for one.
  return ed25519.verify(signature, message, publicKey, { zip215: false });
}

/** Loaded only by those who need it: most devices have their own. */
async function loadEd25519() {
  try {
    const [ed25519, { sha512 }] = await Promise.all([
      import('@noble/ed25519'),
      import('@noble/hashes/sha2.js'),
    ]);
    ed25519.hashes.sha512 = sha512;
    return ed25519;
  } catch (cause) {
    throw new TributaryError('internal', 'the code that signs could not be loaded', { cause });
  }
}
