/** What a request presents: a bearer secret in its header, a session in its cookie. */
import type { FastifyRequest } from 'fastify';

const SESSION_COOKIE = 'tributary_session';

export function bearerOf(request: FastifyRequest): string | undefined {
  const match = /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(request.headers.authorization ?? '');
  return match?.[1];
}

export function sessionOf(request: FastifyRequest): string | undefined {
  const cookies = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  const prefix = `${SESSION_COOKIE}=`;
  return cookies.find((pair) => pair.startsWith(prefix))?.slice(prefix.length);
}

/** Scripts cannot read it and other sites cannot make the browser send it. */
export function sessionCookie(session: string, options: { secure: boolean; seconds: number }): string {
  const secure = options.secure ? '; Secure' : '';
  return `${SESSION_COOKIE}=${session}; HttpOnly; SameSite=Strict; Path=/v1/admin; Max-Age=${options.seconds}${secure}`;
}

/**
 * SameSite does not tell ports apart, so a page on another port of this machine could use the cookie. Browsers
 * name the origin of every changing request; it must be ours.
 */
export function isCrossOrigin(request: FastifyRequest, publicUrl?: string): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || origin === publicUrl) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
