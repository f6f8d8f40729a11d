/** What a page does with its identity, as a script that a test puts into an empty page. */
import { bytesToHex, checkInMessage, hexToBytes } from '@tributary/fl-core';
import { openDeviceIdentity, openIndexedDbStorage, verifySignature } from '@tributary/participant';

/** Opens the identity of this origin and signs a check-in with it. */
export async function answerChallenge(nonce: string) {
  const storage = await openIndexedDbStorage();
  const identity = await openDeviceIdentity(storage);
  const claims = { protocol: 1, nonce, ticket: 'a-ticket', runId: 'run-e2e' as never };
  const message = checkInMessage({ ...claims, publicKey: identity.publicKey });
  const signature = await identity.sign(message);
  const key = await storage.deviceKey(() => Promise.reject(new Error('there is one')));
  storage.close();
  return {
    kind: key.kind,
    isExtractable: key.kind === 'webcrypto' && key.privateKey.extractable,
    publicKey: identity.publicKey,
    message: bytesToHex(message),
    signature: bytesToHex(signature),
    isOwn: await verifySignature({ publicKey: hexToBytes(identity.publicKey), message, signature }),
  };
}

export async function eraseStorage(): Promise<void> {
  const storage = await openIndexedDbStorage();
  await storage.erase();
  storage.close();
}
