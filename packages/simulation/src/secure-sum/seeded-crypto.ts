/** Cryptography that a simulation can repeat: the real functions, with random bytes from a seed. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { type RandomSource, seededRandom } from '@tributary/fl-core';
import type { SecAggCrypto, Sign } from '@tributary/privacy';

/** Everything but its randomness. */
export type CryptoFunctions = Omit<SecAggCrypto, 'randomBytes'>;

export function seededCrypto(functions: CryptoFunctions, seed: string): SecAggCrypto {
  const random = seededRandom(seed);
  return { ...functions, randomBytes: (length) => bytesFrom(random, length) };
}

export interface SeededDevice {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly sign: Sign;
}

export function seededDevice(seed: string): SeededDevice {
  const secret = bytesFrom(seededRandom(seed), 32);
  return {
    publicKey: ed25519.getPublicKey(secret),
    sign: async (message) => ed25519.sign(message, secret),
  };
}

function bytesFrom(random: RandomSource, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.nextUint32() & 0xff);
}
