/** Join links of a run: make one, see all, take one back. */
import { createInviteSchema, inviteSchema } from '@tributary/fl-core';
import * as z from 'zod/mini';
import type { Invites } from '../admission/invites.ts';
import type { RunRegistry } from '../run/run-registry.ts';
import { type AdminRoute, route } from './admin-route.ts';

export function inviteRoutes({
  runs,
  invites,
}: {
  readonly runs: RunRegistry;
  readonly invites: Invites;
}): readonly AdminRoute[] {
  return [
    route({
      method: 'POST',
      path: 'runs/{runId}/invites',
      summary: 'A join link, with its admission ticket in the fragment',
      body: createInviteSchema,
      answer: inviteSchema,
      status: 201,
      handle: ({ runId, body }) => invites.create(runs.get(runId).runId, body),
    }),
    route({
      method: 'GET',
      path: 'runs/{runId}/invites',
      summary: 'All invites of the run, newest first, with the devices that joined by each',
      answer: z.array(inviteSchema),
      handle: async ({ runId }) => [...(await invites.list(runs.get(runId).runId))],
    }),
    route({
      method: 'DELETE',
      path: 'runs/{runId}/invites/{inviteId}',
      summary: 'Take an invite back: nobody checks in by it any more',
      answer: inviteSchema,
      handle: ({ runId, inviteId }) => invites.revoke(runs.get(runId).runId, inviteId),
    }),
  ];
}
