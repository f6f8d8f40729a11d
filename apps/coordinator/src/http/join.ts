/** `GET /v1/join`: what the run behind a join link is, before anything is consented to. */

import { JOIN_PATH, type JoinInfo, TributaryError } from '@tributary/fl-core';
import type { FastifyInstance } from 'fastify';
import type { Invites } from '../admission/invites.ts';
import type { RunRegistry } from '../run/run-registry.ts';
import { bearerOf } from './request-credentials.ts';

export function serveJoin(
  app: FastifyInstance,
  { runs, invites }: { runs: RunRegistry; invites: Invites },
): void {
  app.get(JOIN_PATH, async (request, reply) => {
    const ticket = bearerOf(request);
    if (ticket === undefined)
      throw new TributaryError('ticket-invalid', 'this needs the ticket of a join link');
    const { runId } = await invites.read(ticket);
    const run = runs.get(runId);
    const info: JoinInfo = {
      runId: run.runId,
      status: run.state.status,
      manifest: run.manifest,
      modelHash: run.state.modelHash,
      committedRounds: run.state.committedRounds,
    };
    return reply.header('cache-control', 'no-store').send(info);
  });
}

/** The fragment stays in the browser: no request, proxy or log ever carries the ticket. */
export function joinUrl(origin: string, ticket: string): string {
  return `${origin}/join#ticket=${ticket}`;
}

export function ticketIn(joinUrl: string): string {
  return new URL(joinUrl).hash.slice('#ticket='.length);
}
