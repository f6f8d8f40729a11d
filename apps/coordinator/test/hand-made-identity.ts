/** A device key of node:crypto: independent of the one that the participant package makes. */
import { createHash, createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import {
  type ClientId,
  checkInMessage,
  deriveClientId,
  type PublicKey,
  type RunId,
} from '@tributary/fl-core';

export interface HandMadeIdentity {
  readonly publicKey: PublicKey;
  readonly clientId: ClientId;
  /** Hex digits of the secret half: to look for where it must not be. */
  readonly secret: string;
  sign(message: Uint8Array): Promise<Uint8Array>;
  /** The three fields of a check-in that show who is asking. */
  answer(
    nonce: string,
    ticket: string,
    protocol?: number,
  ): { ticket: string; publicKey: PublicKey; signature: string };
}

/** PrivateKeyInfo for Ed25519, up to the 32 secret bytes (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** @param name the same device for the same name; another one each time without */
export function handMadeIdentity(name?: string): HandMadeIdentity {
  const secret =
    name === undefined ? randomBytes(32) : createHash('sha256').update(`device ${name}`).digest();
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, secret]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const publicKey = spki.subarray(-32).toString('hex') as PublicKey;
  return {
    publicKey,
    clientId: deriveClientId(publicKey),
    secret: secret.toString('hex'),
    sign: async (message) => new Uint8Array(sign(null, message, key)),
    answer(nonce, ticket, protocol = 1) {
      const message = checkInMessage({ protocol, nonce, ticket, runId: runOf(ticket), publicKey });
      return { ticket, publicKey, signature: sign(null, message, key).toString('hex') };
    },
  };
}

/** The run that a ticket names; anything for a ticket that is none, as it will be refused before this counts. */
function runOf(ticket: string): RunId {
  try {
    return JSON.parse(Buffer.from(ticket.split('.')[1]!, 'base64url').toString()).run ?? '';
  } catch {
    return '' as RunId;
  }
}
