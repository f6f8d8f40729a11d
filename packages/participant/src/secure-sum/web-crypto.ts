/**
 * What the secure sum needs from a browser: WebCrypto, and plain code for what the browser lacks. That code is loaded
 * only by those who need it.
 */
import { blobHashOf, isStrictKey, TributaryError } from '@tributary/fl-core';
import { counterBlock, type MaskStream, type SecAggCrypto } from '@tributary/privacy';

type Agreement = Pick<SecAggCrypto, 'x25519PublicKey' | 'x25519'>;
type Verification = Pick<SecAggCrypto, 'verify'>;
type Ciphers = Pick<SecAggCrypto, 'seal' | 'open' | 'maskStream'>;

const X25519 = 'X25519';
const ED25519 = 'Ed25519';
const AES_CTR = 'AES-CTR';
const AES_GCM = 'AES-GCM';

/** @throws TributaryError `internal` when the plain code is needed and could not be loaded */
export async function openWebCrypto(): Promise<SecAggCrypto> {
  // Absent over plain HTTP, whatever the types say.
  const subtle: SubtleCrypto | undefined = globalThis.crypto.subtle;
  if (!subtle) return loadPlainCrypto();
  const [agreement, verification] = await Promise.all([openAgreement(subtle), openVerification(subtle)]);
  const { x25519PublicKey, x25519 } = agreement;
  return { randomBytes, x25519PublicKey, x25519, verify: verification.verify, ...ciphersOf(subtle) };
}

const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

/** DER of a PrivateKeyInfo for X25519, up to the 32 bytes of the key (RFC 8410). */
const PKCS8_PREFIX = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 110, 4, 34, 4, 32);
const BASE_POINT = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 9 : 0));

async function openAgreement(subtle: SubtleCrypto): Promise<Agreement> {
  const importPublic = (key: Uint8Array) => subtle.importKey('raw', asSource(key), X25519, false, []);
  // Each is used with many public keys, and takes some engines longer to read than to use. It goes when its bytes go, or
  // when others lie in their place: the hash tells.
  const known = new WeakMap<Uint8Array, { readonly hash: string; readonly imported: Promise<CryptoKey> }>();
  const importPrivate = (key: Uint8Array) => {
    const hash = blobHashOf(key);
    const before = known.get(key);
    if (before?.hash === hash) return before.imported;
    const pkcs8 = Uint8Array.of(...PKCS8_PREFIX, ...key);
    const imported = subtle.importKey('pkcs8', pkcs8, X25519, false, ['deriveBits']);
    known.set(key, { hash, imported });
    return imported;
  };
  const agree = async (privateKey: Uint8Array, publicKey: Uint8Array) => {
    // Some implementations would read the first 32 bytes of more.
    if (privateKey.length !== 32) throw new RangeError('private keys of X25519 have 32 bytes');
    const [own, other] = await Promise.all([importPrivate(privateKey), importPublic(publicKey)]);
    return new Uint8Array(await subtle.deriveBits({ name: X25519, public: other }, own, 256));
  };
  if (!(await isKnown(importPublic(BASE_POINT)))) return loadPlainCrypto();
  return {
    // A key that was imported as private does not say its public half; X25519 of the base point does.
    x25519PublicKey: (privateKey) => agree(privateKey, BASE_POINT),
    x25519: async (privateKey, publicKey) => {
      const secret = await nullIfRefused(agree(privateKey, publicKey));
      return secret?.some((byte) => byte !== 0) ? secret : null;
    },
  };
}

async function openVerification(subtle: SubtleCrypto): Promise<Verification> {
  const importPublic = (key: Uint8Array) =>
    subtle.importKey('raw', asSource(key), ED25519, false, ['verify']);
  // Some point of the curve: y = 9, as of the base point of X25519, is the y of one, too.
  if (!(await isKnown(importPublic(BASE_POINT)))) return loadPlainCrypto();
  return {
    verify: async (publicKey, message, signature) => {
      if (!isStrictKey(publicKey) || signature.length !== 64) return false;
      try {
        const key = await importPublic(publicKey);
        return await subtle.verify(ED25519, key, asSource(signature), asSource(message));
      } catch {
        // Some browsers throw for a key that is no point of the curve, others return false.
        return false;
      }
    },
  };
}

function ciphersOf(subtle: SubtleCrypto): Ciphers {
  const importKey = (key: Uint8Array, name: string, usage: KeyUsage) =>
    subtle.importKey('raw', asSource(key), name, false, [usage]);
  const gcm = (nonce: Uint8Array, context: Uint8Array) => ({
    name: AES_GCM,
    iv: asSource(nonce),
    additionalData: asSource(context),
  });
  return {
    seal: async (key, { nonce, context, bytes }) => {
      const sealing = await importKey(key, AES_GCM, 'encrypt');
      return new Uint8Array(await subtle.encrypt(gcm(nonce, context), sealing, asSource(bytes)));
    },
    open: async (key, { nonce, context, bytes }) => {
      const opening = await importKey(key, AES_GCM, 'decrypt');
      const opened = await nullIfRefused(subtle.decrypt(gcm(nonce, context), opening, asSource(bytes)));
      return opened && new Uint8Array(opened);
    },
    maskStream: async (key) => maskStreamOf(subtle, await importKey(key, AES_CTR, 'encrypt')),
  };
}

function maskStreamOf(subtle: SubtleCrypto, key: CryptoKey): MaskStream {
  return {
    read: async (offset, length) => {
      const algorithm = { name: AES_CTR, counter: counterBlock(offset), length: 64 };
      return new Uint8Array(await subtle.encrypt(algorithm, key, zeros(length)));
    },
  };
}

let zeroBytes = new Uint8Array(131_072);
/** Never written to: the key stream is what encrypting zeros gives. */
function zeros(length: number): Uint8Array<ArrayBuffer> {
  if (zeroBytes.length < length) zeroBytes = new Uint8Array(length);
  return zeroBytes.subarray(0, length);
}

/** WebCrypto's one answer to a public key of low order, and to a ciphertext that is not the one that was sealed. */
async function nullIfRefused<Result>(attempt: Promise<Result>): Promise<Result | null> {
  try {
    return await attempt;
  } catch (error) {
    if (error instanceof Error && error.name === 'OperationError') return null;
    throw error;
  }
}

/** Whether a browser knows an algorithm: younger ones than AES are missing here and there. */
async function isKnown(imported: Promise<CryptoKey>): Promise<boolean> {
  return imported.then(
    () => true,
    () => false,
  );
}

async function loadPlainCrypto(): Promise<SecAggCrypto> {
  try {
    const { plainCrypto } = await import('@tributary/privacy/plain-crypto');
    return plainCrypto(randomBytes);
  } catch (cause) {
    throw new TributaryError('internal', 'the code of the secure sum could not be loaded', { cause });
  }
}

/** No bytes here lie in memory that threads share, which is all that the types could object to. */
const asSource = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>;
