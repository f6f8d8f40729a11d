/** The operator's API as one table. */
import {
  loginSchema,
  type ServerFacts,
  serverSchema,
  sessionSchema,
  templateSchema,
} from '@tributary/fl-core';
import * as z from 'zod/mini';
import type { Invites } from '../admission/invites.ts';
import type { Aggregation } from '../aggregation/aggregation.ts';
import type { Connections } from '../door/connections.ts';
import type { ExportParts } from '../export/export-model.ts';
import type { RunRegistry } from '../run/run-registry.ts';
import type { RunSupervisor } from '../run/run-supervisor.ts';
import type { Storage } from '../storage/storage.ts';
import { TEMPLATES } from '../templates/index.ts';
import { type AdminRoute, route } from './admin-route.ts';
import { exportRoutes } from './export-routes.ts';
import { inviteRoutes } from './invite-routes.ts';
import { modelRoutes } from './model-routes.ts';
import { operatorRoutes } from './operator-routes.ts';
import { runRoutes } from './run-routes.ts';

export interface AdminParts {
  readonly runs: RunRegistry;
  readonly storage: Storage;
  readonly aggregation: Pick<Aggregation, 'adopt'>;
  readonly readModel: ExportParts['readModel'];
  readonly connections: Connections;
  /** What one participant reaches alone; null where nobody measured it. */
  readonly soloAccuracy: (run: RunSupervisor) => number | null;
  readonly invites: Invites;
  /** Asked each time: the port is known only once it listens. */
  readonly server: () => ServerFacts;
}

/** Everything but log-in and log-out, which speak of cookies. */
export function adminRoutes(parts: AdminParts): readonly AdminRoute[] {
  return [
    route({
      method: 'GET',
      path: 'session',
      summary: 'Who is logged in',
      role: 'viewer',
      answer: sessionSchema,
      handle: async ({ caller }) => caller,
    }),
    route({
      method: 'GET',
      path: 'server',
      summary: 'Where people reach this coordinator, and how they know that it is the right one',
      role: 'viewer',
      answer: serverSchema,
      handle: async () => parts.server(),
    }),
    route({
      method: 'GET',
      path: 'templates',
      summary: 'Tasks to start from',
      role: 'viewer',
      answer: z.array(templateSchema),
      handle: async () => [...TEMPLATES],
    }),
    ...runRoutes(parts),
    ...modelRoutes(parts),
    ...exportRoutes(parts),
    ...inviteRoutes(parts),
    ...operatorRoutes(parts),
  ];
}

/** Of these the document speaks, too. */
export const SESSION_ROUTES = [
  {
    method: 'POST',
    path: 'session',
    summary: 'Exchange a token for a session cookie',
    body: loginSchema,
    answer: sessionSchema,
    status: 200,
  },
  {
    method: 'DELETE',
    path: 'session',
    summary: 'Log out',
    role: 'viewer',
    answer: 'nothing',
    status: 204,
  },
] as const satisfies readonly (Omit<AdminRoute, 'handle' | 'role'> & Partial<AdminRoute>)[];
