/** The operator's API as data: the same table makes the routes and the OpenAPI document. */
import {
  createRunSchema,
  loginSchema,
  parseManifest,
  runDetailSchema,
  runSummarySchema,
  sessionSchema,
  templateSchema,
} from '@tributary/fl-core';
import * as z from 'zod/mini';
import type { Invites } from '../admission/invites.ts';
import type { Connections } from '../door/connections.ts';
import { detailRun, summariseRun } from '../run/describe-run.ts';
import type { RunRegistry } from '../run/run-registry.ts';
import type { RunSupervisor } from '../run/run-supervisor.ts';
import { STEERING, steerRun } from '../run/steer-run.ts';
import type { Storage } from '../storage/storage.ts';
import { findTemplate, TEMPLATES } from '../templates/index.ts';
import { type AdminRoute, route } from './admin-route.ts';
import { inviteRoutes } from './invite-routes.ts';

export interface AdminParts {
  readonly runs: RunRegistry;
  readonly storage: Storage;
  readonly connections: Connections;
  /** What one participant reaches alone; null where nobody measured it. */
  readonly soloAccuracy: (run: RunSupervisor) => number | null;
  readonly invites: Invites;
}

/** Everything but session and export, which speak HTTP themselves. */
export function adminRoutes({
  runs,
  storage,
  connections,
  soloAccuracy,
  invites,
}: AdminParts): readonly AdminRoute[] {
  const summary = async (run: RunSupervisor) => summariseRun(run, await storage.runs.rounds(run.runId));
  return [
    route({
      method: 'GET',
      path: 'templates',
      summary: 'Tasks to start from',
      answer: z.array(templateSchema),
      handle: async () => [...TEMPLATES],
    }),
    route({
      method: 'GET',
      path: 'runs',
      summary: 'All runs, oldest first',
      answer: z.array(runSummarySchema),
      handle: () => Promise.all(runs.all().map(summary)),
    }),
    route({
      method: 'POST',
      path: 'runs',
      summary: 'Create a run, paused, from a template or a manifest',
      body: createRunSchema,
      answer: runSummarySchema,
      status: 201,
      async handle({ body }) {
        if ('manifest' in body) return summary(await runs.create(parseManifest(body.manifest)));
        const { manifest } = findTemplate(body.templateId);
        return summary(await runs.create({ ...manifest, name: body.name ?? manifest.name }));
      },
    }),
    route({
      method: 'GET',
      path: 'runs/{runId}',
      summary: 'A run with its live round, participants and finished rounds',
      answer: runDetailSchema,
      async handle({ runId }) {
        const run = runs.get(runId);
        const [rounds, contributions] = await Promise.all([
          storage.runs.rounds(runId),
          storage.runs.contributions(runId),
        ]);
        return detailRun(run, {
          rounds,
          contributions,
          profiles: connections.profiles(runId),
          soloAccuracy: soloAccuracy(run),
          now: Date.now(),
        });
      },
    }),
    ...STEERING.map((verb) =>
      route({
        method: 'POST',
        path: `runs/{runId}/${verb}`,
        summary: `${verb[0]!.toUpperCase()}${verb.slice(1)} the run${verb === 'pause' ? ' after the round in progress' : ''}`,
        answer: runSummarySchema,
        async handle({ runId }) {
          const run = runs.get(runId);
          await steerRun(run, verb);
          return summary(run);
        },
      }),
    ),
    ...inviteRoutes({ runs, invites }),
  ];
}

/** What `POST session`, `GET session` and the export say, for the document only. */
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
    method: 'GET',
    path: 'session',
    summary: 'Whether this browser is logged in',
    answer: sessionSchema,
    status: 200,
  },
  { method: 'DELETE', path: 'session', summary: 'Log out', status: 204 },
  {
    method: 'GET',
    path: 'runs/{runId}/export',
    summary: 'The current model as a file; `format` is `frame` or `safetensors`',
    status: 200,
  },
] as const;
