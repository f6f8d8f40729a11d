/** Errors as HTTP answers: a stable code, a plain sentence, the fitting status. */

import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ErrorCode, type Problem, TributaryError } from '@tributary/fl-core';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const STATUS: Partial<Record<ErrorCode, number>> = {
  'message-malformed': 400,
  'message-too-large': 413,
  'frame-too-large': 413,
  'ticket-invalid': 401,
  'ticket-expired': 401,
  unauthorised: 401,
  forbidden: 403,
  'not-a-member': 403,
  'origin-refused': 403,
  'invite-exhausted': 403,
  'invite-revoked': 403,
  'not-found': 404,
  'run-unknown': 404,
  'blob-missing': 404,
  conflict: 409,
  'run-not-open': 409,
  'round-mismatch': 409,
  'phase-mismatch': 409,
  'report-duplicate': 409,
  'upload-offset-mismatch': 409,
  'upload-interrupted': 408,
  'rate-limited': 429,
  'too-many-connections': 429,
  'blob-corrupt': 500,
  internal: 500,
};
/** Well-formed, understood, and not acceptable. */
const UNPROCESSABLE = 422;

export function statusOf(code: ErrorCode): number {
  return STATUS[code] ?? UNPROCESSABLE;
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.status(statusOf(problem.code)).header('cache-control', 'no-store').send(problem);
}

/** For what the router refuses before there is a route: an address that cannot be decoded, or is too long. */
export function answerUnroutable(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(reply, problemOf(error));
}

/** For what is no HTTP, or came too slowly: there is no request to answer, only a connection that still may be told. */
export function answerUnreadable(error: NodeJS.ErrnoException, wire: Duplex): void {
  if (error.code === 'ECONNRESET' || wire.destroyed) return;
  const [status, problem] = UNREADABLE[error.code ?? ''] ?? NO_HTTP;
  const body = JSON.stringify(problem);
  if (wire.writable) {
    wire.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
        `content-length: ${body.length}\r\n\r\n${body}`,
    );
  }
  wire.destroy();
}

const NO_HTTP: readonly [number, Problem] = [
  400,
  { code: 'message-malformed', message: 'the request could not be read' },
];
const UNREADABLE: Readonly<Record<string, readonly [number, Problem]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, { code: 'message-malformed', message: 'the request came too slowly' }],
  HPE_HEADER_OVERFLOW: [431, { code: 'message-too-large', message: 'the headers are too large' }],
};

export function answerErrorsAsProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | TributaryError, request, reply) => {
    const problem = problemOf(error);
    if (problem.code === 'internal')
      request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, { code: 'not-found', message: 'there is nothing at this address' }),
  );
}

function problemOf(error: FastifyError | TributaryError): Problem {
  if (error instanceof TributaryError) return { code: error.code, message: error.message };
  if (error.statusCode === 413) return { code: 'message-too-large', message: 'the body is too large' };
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return { code: 'message-malformed', message: 'the request could not be read' };
  }
  return { code: 'internal', message: 'something went wrong here; the operator finds it in the log' };
}
