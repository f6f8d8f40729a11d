/** Join links of a run: make one, see all, take one back. */
import { createInviteSchema, inviteSchema } from '@tributary/fl-core';
import * as z from 'zod/mini';
import { type AdminRoute, route } from './admin-route.ts';
import type { AdminParts } from './admin-routes.ts';
import { steeringNotes } from './steering-notes.ts';

export function inviteRoutes({ runs, storage, invites }: AdminParts): readonly AdminRoute[] {
  const note = steeringNotes(storage.steering);
  return [
    route({
      method: 'POST',
      path: 'runs/{runId}/invites',
      summary: 'A join link, with its admission ticket in the fragment',
      role: 'operator',
      body: createInviteSchema,
      answer: inviteSchema,
      status: 201,
      async handle({ runId, body, caller }) {
        const invite = await invites.create(runs.get(runId).runId, body);
        await note(runId, caller, 'invite', invite.label);
        return invite;
      },
    }),
    route({
      method: 'GET',
      path: 'runs/{runId}/invites',
      summary: 'All invites of the run, newest first, with the devices that joined by each',
      // With the links themselves: whoever sees them can join.
      role: 'operator',
      answer: z.array(inviteSchema),
      handle: async ({ runId }) => [...(await invites.list(runs.get(runId).runId))],
    }),
    route({
      method: 'DELETE',
      path: 'runs/{runId}/invites/{inviteId}',
      summary: 'Take an invite back: nobody checks in by it any more',
      role: 'operator',
      answer: inviteSchema,
      async handle({ runId, params, caller }) {
        const invite = await invites.revoke(runs.get(runId).runId, params.inviteId ?? '');
        await note(runId, caller, 'revoke-invite', invite.label);
        return invite;
      },
    }),
  ];
}
