/** Random bearer secrets: 256 bits, kept only as SHA-256. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 43 URL-safe characters. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Plain SHA-256 is enough here: there is nothing to guess in 256 random bits, and so nothing to learn from a look-up. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(`tributary/secret/v1/${secret}`).digest('hex');
}

/**
 * What the page sends along with every change. Derived, so that nothing is stored: only whoever holds the cookie
 * can work it out, and a page that cannot read answers from here never sees it.
 */
export function csrfTokenOf(session: string): string {
  return createHmac('sha256', session).update('tributary/csrf/v1').digest('base64url');
}

/** In constant time. */
export function isSameSecret(left: string, right: string): boolean {
  const digests = [left, right].map((secret) => createHash('sha256').update(secret).digest());
  return timingSafeEqual(digests[0]!, digests[1]!);
}
