/** Which pages may speak with the coordinator: its own, and those of sites that embed the SDK and are named. */
import { type BlobHash, JOIN_PATH, modelPath, UPDATES_PATH } from '@tributary/fl-core';
import type { FastifyInstance } from 'fastify';

export interface OriginRule {
  /** Exact origins such as `https://lab.example.org`; never a pattern. */
  readonly allowed: readonly string[];
  /** Where people reach it when a proxy changes the host name on the way. */
  readonly publicUrl: string | undefined;
}

/** @throws Error for what is no exact http(s) origin */
export function checkedOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:\/\/[^*]+$/.test(url.origin) || url.origin !== text.replace(/\/$/, '')) {
    throw new Error(`${text}: expected an exact origin such as https://lab.example.org`);
  }
  return url.origin;
}

/**
 * Whether a page of this origin may open a control connection. Browsers name the origin of a page and do not let the
 * page change it. What names none is no browser, and carries nobody's cookies.
 */
export function mayConnect(
  origin: string | undefined,
  host: string | undefined,
  { allowed, publicUrl }: OriginRule,
): boolean {
  if (origin === undefined || origin === publicUrl || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** What a page that embeds the SDK asks for. The admin API is not among them: it answers to its own page alone. */
const EMBEDDABLE = [JOIN_PATH, modelPath(':hash' as BlobHash), UPDATES_PATH];
const PREFLIGHT_SECONDS = 600;

/** CORS without credentials: tickets are bearer secrets, and no cookie is for these paths. */
export function allowOrigins(app: FastifyInstance, { allowed }: OriginRule): void {
  if (allowed.length === 0) return;
  app.addHook('onRequest', async (request, reply) => {
    if (!EMBEDDABLE.includes(request.routeOptions.url ?? '')) return;
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !allowed.includes(origin)) return;
    reply.headers({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'etag, upload-offset',
    });
  });
  for (const path of EMBEDDABLE) {
    app.options(path, (request, reply) => {
      if (allowed.includes(request.headers.origin ?? '')) {
        reply.headers({
          'access-control-allow-methods': 'GET, HEAD, PUT',
          'access-control-allow-headers': 'authorization, content-type, upload-offset',
          'access-control-max-age': String(PREFLIGHT_SECONDS),
        });
      }
      return reply.status(204).send();
    });
  }
}
