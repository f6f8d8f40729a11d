/** A device key for one sum. */
import type { MemberIdentity } from '@tributary/privacy/protocols';

export async function openIdentity(): Promise<Omit<MemberIdentity, 'crypto'>> {
  const keys = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  const { privateKey, publicKey } = keys as CryptoKeyPair;
  return {
    identity: new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)),
    sign: async (message) =>
      new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, message as Uint8Array<ArrayBuffer>)),
  };
}
