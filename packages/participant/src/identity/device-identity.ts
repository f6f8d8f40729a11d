/** What a device can show of itself: its public key, and that it holds the other half. */
import { bytesToHex, type ClientId, deriveClientId, type PublicKey } from '@tributary/fl-core';
import type { ParticipantStorage } from '../ports/participant-storage.ts';
import { createDeviceKey, createPlainDeviceKey, type DeviceKey, signWith } from './device-key.ts';

export interface DeviceIdentity {
  readonly publicKey: PublicKey;
  /** The name under which coordinators know this device. */
  readonly clientId: ClientId;
  /** @returns an Ed25519 signature (64 bytes); sign only what `transcript` made, so that it serves one purpose */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** The identity of this storage, made at the first call; two tabs that open it at once get the same one. */
export async function openDeviceIdentity(
  storage: Pick<ParticipantStorage, 'deviceKey'>,
): Promise<DeviceIdentity> {
  try {
    return identityOf(await storage.deviceKey(createDeviceKey));
  } catch (error) {
    // Some browsers (in private windows) make such a key but cannot store it.
    if (!(error instanceof Error && error.name === 'DataCloneError')) throw error;
    return identityOf(await storage.deviceKey(createPlainDeviceKey));
  }
}

function identityOf(key: DeviceKey): DeviceIdentity {
  const publicKey = bytesToHex(key.publicKey) as PublicKey;
  return { publicKey, clientId: deriveClientId(publicKey), sign: (message) => signWith(key, message) };
}
