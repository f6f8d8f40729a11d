/** What an implementation of the secure sum's cryptography gives for fixed inputs: the same everywhere. */
import type { SecAggCrypto } from '@tributary/privacy';
import { openWebCrypto } from '../../../packages/participant/src/secure-sum/web-crypto.ts';
import { RFC_8032 } from '../../vectors/ed25519.ts';
import { ALICE_AND_BOB, LOW_ORDER } from '../../vectors/x25519.ts';

export async function cryptoDigests(crypto: SecAggCrypto): Promise<Record<string, unknown>> {
  const { alice, bob } = ALICE_AND_BOB;
  const privateKey = bytesOf(alice.privateKey);
  const secret = (await crypto.x25519(privateKey, bytesOf(bob.publicKey)))!;
  const sealing = { nonce: secret.subarray(0, 12), context: secret, bytes: privateKey };
  const sealed = await crypto.seal(secret, sealing);
  const stream = await crypto.maskStream(secret);
  const verify = ({ publicKey, message, signature }: (typeof RFC_8032)[number], text: string = message) =>
    crypto.verify(bytesOf(publicKey), bytesOf(text), bytesOf(signature));
  return {
    'public key': hexOf(await crypto.x25519PublicKey(privateKey)),
    'agreed secret': hexOf(secret),
    'secrets of low order': await Promise.all(
      LOW_ORDER.map((key) => crypto.x25519(privateKey, bytesOf(key))),
    ),
    sealed: hexOf(sealed),
    opened: hexOf((await crypto.open(secret, { ...sealing, bytes: sealed }))!),
    'opened with another nonce': await crypto.open(secret, {
      ...sealing,
      nonce: new Uint8Array(12),
      bytes: sealed,
    }),
    'true signatures': await Promise.all(RFC_8032.map((signed) => verify(signed))),
    'false signatures': await Promise.all(RFC_8032.map((signed) => verify(signed, '0102'))),
    'signature of a key of small order': await crypto.verify(
      bytesOf(`01${'00'.repeat(31)}`),
      privateKey,
      bytesOf(`01${'00'.repeat(63)}`),
    ),
    'mask stream': hexOf(await stream.read(0, 80)),
    'mask stream, further on': hexOf(await stream.read(2 ** 36, 33)),
    'a million bytes of it': checksum(await stream.read(0, 1_000_000)),
    'the same in chunks': checksum(
      await chunks(1_000_000, 131_072, (offset, length) => stream.read(offset, length)),
    ),
  };
}

/** In a browser, by what the participant page opens there. */
export const digestsHere = async () => cryptoDigests(await openWebCrypto());

async function chunks(
  length: number,
  size: number,
  read: (offset: number, length: number) => Promise<Uint8Array> | Uint8Array,
): Promise<Uint8Array> {
  const whole = new Uint8Array(length);
  const offsets = Array.from({ length: Math.ceil(length / size) }, (_, i) => i * size);
  const parts = offsets.map(async (offset) => read(offset, Math.min(size, length - offset)));
  for (const [i, part] of (await Promise.all(parts)).entries()) whole.set(part, offsets[i]);
  return whole;
}

/** Of which a page without WebCrypto has one, too: two sums, as in Adler-32. */
function checksum(bytes: Uint8Array): string {
  let [low, high] = [1, 0];
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return `${bytes.length}:${high}:${low}`;
}

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
