/** `/v1/admin`: log in, then everything in the table of routes. */

import { Readable } from 'node:stream';
import {
  ADMIN_PATH,
  frameLength,
  loginSchema,
  MAXIMUM_PARAMETERS,
  mayActAs,
  type OperatorRole,
  type OperatorSession,
  type RunId,
  TributaryError,
} from '@tributary/fl-core';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type OperatorDoor, SESSION_HOURS } from '../auth/operator.ts';
import { type AdminFile, type AdminRoute, parseOutside } from './admin-route.ts';
import { type AdminParts, adminRoutes } from './admin-routes.ts';
import { openApiDocument } from './openapi.ts';
import {
  bearerOf,
  checkOrigin,
  checkOurPage,
  isChange,
  sessionCookie,
  sessionOf,
} from './request-credentials.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; known behind the operators' door. */
    caller: OperatorSession | null;
  }
}

/** A manifest may carry the topology of a layers model. Only who is logged in may send as much. */
const MAXIMUM_JSON_BYTES = 4 * 1024 * 1024;
/** Of a frame with many tensors. */
const ROOM_FOR_SHAPES = 256 * 1024;

export function serveAdmin(
  app: FastifyInstance,
  parts: AdminParts & { operator: OperatorDoor; publicUrl: string | undefined },
): void {
  const { operator, publicUrl } = parts;
  const routes = adminRoutes(parts);
  // Made once: it takes a while, and anybody may ask for it.
  let document: Record<string, unknown> | null = null;
  app.get('/v1/openapi.json', async () => {
    document ??= openApiDocument(routes);
    return document;
  });

  app.register(
    async (scope) => {
      scope.decorateRequest('caller', null);
      scope.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));

      scope.post('/session', async (request, reply) => {
        checkOrigin(request, publicUrl);
        const { token } = parseOutside(loginSchema, request.body);
        const { cookie, session } = await operator.login(token, {
          address: request.ip,
          replaced: sessionOf(request),
        });
        return reply.header('set-cookie', sessionCookie(request, cookie, SESSION_HOURS * 3600)).send(session);
      });

      scope.register(async (guarded) => {
        guarded.addHook('onRequest', async (request) => {
          const session = await operator.authorise({
            bearer: bearerOf(request),
            session: sessionOf(request),
            address: request.ip,
          });
          request.caller = session;
          const { csrfToken } = session;
          if (csrfToken !== null && isChange(request)) checkOurPage(request, { csrfToken, publicUrl });
        });

        guarded.delete('/session', async (request, reply) => {
          const session = sessionOf(request);
          if (session !== undefined) await operator.logout(session);
          return reply
            .header('set-cookie', sessionCookie(request, '', 0))
            .status(204)
            .send();
        });
        for (const described of routes) serveRoute(guarded, described);
      });
    },
    { prefix: ADMIN_PATH },
  );
}

function serveRoute(app: FastifyInstance, described: AdminRoute): void {
  if (described.body !== 'bytes') {
    addRoute(app, described, MAXIMUM_JSON_BYTES);
    return;
  }
  // In a scope of its own, because no other route takes bytes.
  app.register(async (scope) => {
    const bodyLimit = frameLength([[MAXIMUM_PARAMETERS]]) + ROOM_FOR_SHAPES;
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer', bodyLimit },
      (_request, body, done) => done(null, body),
    );
    addRoute(scope, described, bodyLimit);
  });
}

function addRoute(
  app: FastifyInstance,
  { method, path, role, status, answer, handle }: AdminRoute,
  bodyLimit: number,
): void {
  app.route<{ Params: Record<string, string> }>({
    method,
    url: `/${path.replace(/\{(\w+)\}/g, ':$1')}`,
    bodyLimit,
    // Before the body is read.
    onRequest: async ({ caller }) => void requireRole(caller, role),
    async handler({ caller, params, query, body }, reply) {
      const runId = params.runId as RunId;
      const result = await handle({ runId, params, query, body, caller: requireRole(caller, role) });
      if (answer === 'nothing') return reply.status(status).send();
      return answer === 'file' ? sendFile(reply, result as AdminFile) : reply.status(status).send(result);
    },
  });
}

/** @throws TributaryError `forbidden` */
function requireRole(caller: OperatorSession | null, needed: OperatorRole): OperatorSession {
  if (caller && mayActAs(caller.role, needed)) return caller;
  throw new TributaryError('forbidden', `this needs the role ${needed}; yours is ${caller?.role ?? 'none'}`);
}

function sendFile(reply: FastifyReply, { name, type, content }: AdminFile): FastifyReply {
  reply.header('content-disposition', `attachment; filename="${name}"`).type(type);
  return reply.send(
    content instanceof Uint8Array
      ? Buffer.from(content.buffer, content.byteOffset, content.byteLength)
      : Readable.from(content),
  );
}
