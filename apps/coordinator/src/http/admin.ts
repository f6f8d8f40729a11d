/** `/v1/admin`: log in, then everything in the table of routes, and the export. */

import { ADMIN_PATH, decodeFrame, loginSchema, type RunId, TributaryError } from '@tributary/fl-core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type OperatorDoor, SESSION_HOURS } from '../auth/operator.ts';
import { encodeSafetensors } from '../export/safetensors.ts';
import { nativeSha256 } from '../native-sha256.ts';
import { parseBody } from './admin-route.ts';
import { type AdminParts, adminRoutes } from './admin-routes.ts';
import { openApiDocument } from './openapi.ts';
import { bearerOf, isCrossOrigin, sessionCookie, sessionOf } from './request-credentials.ts';

const OPERATOR = { operatorId: 'owner', name: 'Owner', role: 'owner', csrfToken: null } as const;

export function serveAdmin(
  app: FastifyInstance,
  parts: AdminParts & { operator: OperatorDoor; publicUrl: string | undefined },
): void {
  const { operator, publicUrl } = parts;
  const routes = adminRoutes(parts);
  app.get('/v1/openapi.json', () => openApiDocument(routes));

  app.register(
    async (scope) => {
      scope.addHook('onRequest', async (request, reply) => {
        reply.header('cache-control', 'no-store');
        if (request.method !== 'GET' && request.method !== 'HEAD' && isCrossOrigin(request, publicUrl)) {
          throw new TributaryError('unauthorised', 'this request comes from another site');
        }
      });

      scope.post('/session', async (request, reply) => {
        const { token } = parseBody(loginSchema, request.body);
        const { session } = await operator.login(token, request.ip);
        return setSession(request, reply, session, SESSION_HOURS * 3600).send(OPERATOR);
      });
      scope.delete('/session', async (request, reply) => {
        const session = sessionOf(request);
        if (session !== undefined) await operator.logout(session);
        return setSession(request, reply, '', 0).status(204).send();
      });

      scope.register(async (guarded) => {
        guarded.addHook('onRequest', (request) =>
          operator.authorise({ bearer: bearerOf(request), session: sessionOf(request), address: request.ip }),
        );
        guarded.get('/session', async () => OPERATOR);
        for (const { method, path, status, handle } of routes) {
          guarded.route<{ Params: { runId?: string; inviteId?: string } }>({
            method,
            url: `/${path.replace(/\{(\w+)\}/g, ':$1')}`,
            handler: async (request, reply) =>
              reply.status(status).send(
                await handle({
                  runId: request.params.runId as RunId,
                  inviteId: request.params.inviteId ?? '',
                  body: request.body,
                }),
              ),
          });
        }
        guarded.get<{ Params: { runId: string }; Querystring: { format?: string } }>(
          '/runs/:runId/export',
          (request, reply) =>
            exportModel(
              parts,
              { runId: request.params.runId as RunId, format: request.query.format ?? 'frame' },
              reply,
            ),
        );
      });
    },
    { prefix: ADMIN_PATH },
  );
}

async function exportModel(
  { runs, storage }: AdminParts,
  { runId, format }: { runId: RunId; format: string },
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (format !== 'frame' && format !== 'safetensors') {
    throw new TributaryError('message-malformed', 'format is `frame` or `safetensors`');
  }
  const run = runs.get(runId);
  const { modelHash, committedRounds } = run.state;
  const frame = await storage.models.get(modelHash);
  const file = `${runId}-round-${committedRounds}.${format === 'frame' ? 'trbf' : 'safetensors'}`;
  reply.header('content-disposition', `attachment; filename="${file}"`).type('application/octet-stream');
  if (format === 'frame') return reply.send(frame);
  const metadata = {
    name: run.manifest.name,
    model: run.manifest.model.kind,
    modelHash,
    committedRounds: String(committedRounds),
  };
  const parameters = decodeFrame(frame, { sha256: nativeSha256 });
  return reply.send(
    Buffer.from(encodeSafetensors(parameters, { model: run.manifest.model, metadata }).buffer),
  );
}

function setSession(
  request: FastifyRequest,
  reply: FastifyReply,
  session: string,
  seconds: number,
): FastifyReply {
  return reply.header(
    'set-cookie',
    sessionCookie(session, { secure: request.protocol === 'https', seconds }),
  );
}
