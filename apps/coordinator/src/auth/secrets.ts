/** Random bearer secrets: 256 bits, kept only as SHA-256, compared in constant time. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 43 URL-safe characters. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Plain SHA-256 is enough here: there is nothing to guess in 256 random bits. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(`tributary/secret/v1/${secret}`).digest('hex');
}

export function matchesHash(secret: string, hash: string): boolean {
  const expected = Buffer.from(hash, 'hex');
  const actual = Buffer.from(secretHash(secret), 'hex');
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
