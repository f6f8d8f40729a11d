/** The port on node:crypto, so that tests with many members are quick. */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  sign as signNatively,
  verify as verifyNatively,
} from 'node:crypto';
import { counterBlock, type SecAggCrypto, type Sign } from '@tributary/privacy';

// RFC 8410: what stands before the 32 bytes of a key in PKCS#8 and SPKI.
const PRIVATE = { x25519: '302e020100300506032b656e04220420', ed25519: '302e020100300506032b657004220420' };
const PUBLIC = { x25519: '302a300506032b656e032100', ed25519: '302a300506032b6570032100' };
type Curve = keyof typeof PUBLIC;

export function nativeCrypto(randomBytes: (length: number) => Uint8Array): SecAggCrypto {
  return {
    randomBytes,
    x25519PublicKey: async (key) => publicBytes('x25519', key),
    x25519: async (privateBytes, publicKey) => {
      const keys = {
        privateKey: privateKey('x25519', privateBytes),
        publicKey: toPublicKey('x25519', publicKey),
      };
      try {
        return Uint8Array.from(diffieHellman(keys));
      } catch {
        return null; // OpenSSL refuses to derive zeros.
      }
    },
    seal: async (key, { nonce, context, bytes }) => {
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(context);
      return Uint8Array.from(Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]));
    },
    open: async (key, { nonce, context, bytes }) => {
      const cipher = createDecipheriv('aes-256-gcm', key, nonce)
        .setAAD(context)
        .setAuthTag(bytes.subarray(-16));
      try {
        return Uint8Array.from(Buffer.concat([cipher.update(bytes.subarray(0, -16)), cipher.final()]));
      } catch {
        return null;
      }
    },
    verify: async (key, message, signature) =>
      verifyNatively(null, message, toPublicKey('ed25519', key), signature),
    maskStream: (key) => ({
      read: (offset, length) =>
        createCipheriv('aes-256-ctr', key, counterBlock(offset)).update(new Uint8Array(length)),
    }),
  };
}

/** A device key. @param seed 32 bytes */
export function nativeIdentity(seed: Uint8Array): { readonly identity: Uint8Array; readonly sign: Sign } {
  const key = privateKey('ed25519', seed);
  return {
    identity: publicBytes('ed25519', seed),
    sign: async (message) => Uint8Array.from(signNatively(null, message, key)),
  };
}

/** To parse a key takes OpenSSL ten times as long as to use it. */
function remember<Key>(parse: (curve: Curve, bytes: Uint8Array) => Key): typeof parse {
  const known = new Map<string, Key>();
  return (curve, bytes) => {
    const name = curve + Buffer.from(bytes).toString('latin1');
    const key = known.get(name) ?? parse(curve, bytes);
    known.set(name, key);
    return key;
  };
}

const privateKey = remember((curve, bytes) =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from(PRIVATE[curve], 'hex'), bytes]),
    format: 'der',
    type: 'pkcs8',
  }),
);

const toPublicKey = remember((curve, bytes) =>
  createPublicKey({
    key: Buffer.concat([Buffer.from(PUBLIC[curve], 'hex'), bytes]),
    format: 'der',
    type: 'spki',
  }),
);

const publicBytes = (curve: Curve, bytes: Uint8Array): Uint8Array =>
  Uint8Array.from(
    createPublicKey(privateKey(curve, bytes)).export({ format: 'der', type: 'spki' }).subarray(-32),
  );
