/** `HEAD` and `PUT /v1/updates`: the HTTP side of the update door. */
import type { Readable } from 'node:stream';
import { errorCodeOf, TributaryError, UPDATES_PATH, UPLOAD_OFFSET_HEADER } from '@tributary/fl-core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type UpdateDoor, WrongOffset } from '../door/update-door.ts';
import type { Metrics } from '../metrics.ts';
import { bearerOf } from './request-credentials.ts';

export function serveUpdates(
  app: FastifyInstance,
  { door, metrics }: { door: UpdateDoor; metrics: Metrics },
): void {
  app.register(async (scope) => {
    // The body stays a stream: it goes to disk as it comes, never into memory as a whole.
    // And nothing but a stream is a body here: what another parser made of it would be no stream to read or to drop.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
    scope.addHook('onRequest', async (_request, reply) => {
      reply.header('cache-control', 'no-store');
    });

    scope.head(UPDATES_PATH, async (request, reply) =>
      reply.header(UPLOAD_OFFSET_HEADER, await door.held(ticketOf(request))).send(),
    );

    scope.put(UPDATES_PATH, async (request, reply) => {
      const body = request.body as Readable | undefined;
      try {
        const ticket = ticketOf(request);
        if (!body)
          throw new TributaryError('message-malformed', 'an update is an application/octet-stream body');
        const accepted = await door.receive(ticket, body, offsetOf(request));
        metrics.updates.inc({ result: 'accepted' });
        metrics.bytes.inc({ direction: 'up' }, accepted.bytes);
        return await reply.send(accepted);
      } catch (error) {
        const code = errorCodeOf(error);
        metrics.updates.inc({ result: code });
        if (error instanceof WrongOffset) reply.header(UPLOAD_OFFSET_HEADER, error.held);
        // Nobody reads the rest of its body; the connection ends with the answer.
        if (code === 'upload-interrupted') {
          reply.header('connection', 'close');
          reply.raw.once('finish', () => request.raw.destroy());
        }
        throw error;
      } finally {
        discardRest(body, request.raw);
      }
    });
  });
}

function ticketOf(request: FastifyRequest): string {
  const ticket = bearerOf(request);
  if (ticket === undefined) throw new TributaryError('ticket-invalid', 'an upload needs its ticket');
  return ticket;
}

/** Null without the header. */
function offsetOf(request: FastifyRequest): number | null {
  const offset = request.headers[UPLOAD_OFFSET_HEADER];
  if (offset === undefined) return null;
  if (typeof offset !== 'string' || !/^\d{1,10}$/.test(offset)) {
    throw new TributaryError('message-malformed', `${UPLOAD_OFFSET_HEADER} is a number of bytes`);
  }
  return Number(offset);
}

/** Beyond this an unread body is cut off instead of being read to its end. */
const DISCARD_LIMIT_BYTES = 8 * 1024 * 1024;

/** A sender that is still writing could not read an answer, so what is left of the body is read and dropped. */
function discardRest(body: Readable | undefined, request: NodeJS.ReadableStream & { destroy(): void }): void {
  if (!body || body.readableEnded || body.destroyed) return;
  let left = DISCARD_LIMIT_BYTES;
  body.on('data', (chunk: Uint8Array) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  body.on('error', () => {});
  body.resume();
}
