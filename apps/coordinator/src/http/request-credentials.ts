/** What a request presents: a bearer secret in its header, a session in its cookie; and which page it comes from. */
import { CSRF_HEADER, TributaryError } from '@tributary/fl-core';
import type { FastifyRequest } from 'fastify';
import { isSameSecret } from '../auth/secrets.ts';

export const SESSION_COOKIE = 'tributary_session';
/** Over TLS: browsers take a cookie of this name from this very host only, and from no neighbour of its domain. */
const HOST_COOKIE = `__Host-${SESSION_COOKIE}`;

export function bearerOf(request: FastifyRequest): string | undefined {
  const match = /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(request.headers.authorization ?? '');
  return match?.[1];
}

export function sessionOf(request: FastifyRequest): string | undefined {
  const cookies = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  const prefix = `${isOverTls(request) ? HOST_COOKIE : SESSION_COOKIE}=`;
  return cookies.find((pair) => pair.startsWith(prefix))?.slice(prefix.length);
}

/** Scripts cannot read it and other sites cannot make the browser send it. */
export function sessionCookie(request: FastifyRequest, session: string, seconds: number): string {
  const kept = `HttpOnly; SameSite=Strict; Max-Age=${seconds}`;
  // The prefix asks for the whole site as its path.
  return isOverTls(request)
    ? `${HOST_COOKIE}=${session}; ${kept}; Path=/; Secure`
    : `${SESSION_COOKIE}=${session}; ${kept}; Path=/v1/admin`;
}

const isOverTls = (request: FastifyRequest): boolean => request.protocol === 'https';

export const isChange = ({ method }: FastifyRequest): boolean => method !== 'GET' && method !== 'HEAD';

/**
 * A change by cookie must come from our page. SameSite does not tell ports apart, so a page on another port of this
 * machine could use the cookie; but browsers name the origin of every change, and only our page can read the token.
 * @throws TributaryError `forbidden`
 */
export function checkOurPage(
  request: FastifyRequest,
  { csrfToken, publicUrl }: { csrfToken: string; publicUrl: string | undefined },
): void {
  if (request.headers.origin === undefined) throw otherSite();
  checkOrigin(request, publicUrl);
  const presented = request.headers[CSRF_HEADER];
  if (typeof presented !== 'string' || !isSameSecret(presented, csrfToken)) {
    throw new TributaryError(
      'forbidden',
      `${CSRF_HEADER} is not the token of this session; load the page anew`,
    );
  }
}

/**
 * Programs name no origin, and browsers always do.
 * @throws TributaryError `forbidden`
 */
export function checkOrigin(request: FastifyRequest, publicUrl: string | undefined): void {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  if (site !== undefined && site !== 'same-origin') throw otherSite();
  if (origin === undefined || origin === publicUrl) return;
  if (!URL.canParse(origin) || new URL(origin).host !== host) throw otherSite();
}

const otherSite = () => new TributaryError('forbidden', 'this request comes from another site');
