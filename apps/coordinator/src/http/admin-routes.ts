/** The operator's API as data: the same table makes the routes and the OpenAPI document. */
import {
  createInviteSchema,
  createRunSchema,
  inviteSchema,
  loginSchema,
  parseManifest,
  type RunId,
  runDetailSchema,
  runSummarySchema,
  sessionSchema,
  TributaryError,
  templateSchema,
} from '@tributary/fl-core';
import * as z from 'zod/mini';
import type { Connections } from '../door/connections.ts';
import { detailRun, summariseRun } from '../run/describe-run.ts';
import type { RunRegistry } from '../run/run-registry.ts';
import type { RunSupervisor } from '../run/run-supervisor.ts';
import { STEERING, steerRun } from '../run/steer-run.ts';
import type { Storage } from '../storage/storage.ts';
import { findTemplate, TEMPLATES } from '../templates/index.ts';

export interface AdminParts {
  readonly runs: RunRegistry;
  readonly storage: Storage;
  readonly connections: Connections;
  /** What one participant reaches alone; null where nobody measured it. */
  readonly soloAccuracy: (run: RunSupervisor) => number | null;
  readonly invite: (
    run: RunSupervisor,
    validHours: number,
  ) => Promise<{ joinUrl: string; expiresAt: number }>;
}

export interface AdminRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/v1/admin`, as OpenAPI writes it: `runs/{runId}`. */
  readonly path: string;
  readonly summary: string;
  readonly body?: z.ZodMiniType;
  readonly answer: z.ZodMiniType;
  readonly status: number;
  readonly handle: (call: { runId: RunId; body: unknown }) => Promise<unknown>;
}

/** Everything but session and export, which speak HTTP themselves. */
export function adminRoutes({
  runs,
  storage,
  connections,
  soloAccuracy,
  invite,
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
    route({
      method: 'POST',
      path: 'runs/{runId}/invites',
      summary: 'A join link, with its admission ticket in the fragment',
      body: createInviteSchema,
      answer: inviteSchema,
      status: 201,
      handle: async ({ runId, body }) => ({
        inviteId: '',
        label: body.label,
        createdAt: Date.now(),
        maximumDevices: null,
        devices: 0,
        revokedAt: null,
        ...(await invite(runs.get(runId), body.validHours)),
      }),
    }),
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

interface TypedRoute<Body extends z.ZodMiniType, Answer extends z.ZodMiniType> {
  readonly method: AdminRoute['method'];
  readonly path: string;
  readonly summary: string;
  readonly body?: Body;
  readonly answer: Answer;
  readonly status?: number;
  readonly handle: (call: { runId: RunId; body: z.output<Body> }) => Promise<z.input<Answer>>;
}

/** Checks the body once; behind it the handler's types hold. */
function route<Body extends z.ZodMiniType, Answer extends z.ZodMiniType>(
  typed: TypedRoute<Body, Answer>,
): AdminRoute {
  return {
    ...typed,
    status: typed.status ?? 200,
    handle: ({ runId, body }) =>
      typed.handle({ runId, body: typed.body ? parseBody(typed.body, body) : (undefined as z.output<Body>) }),
  };
}

export function parseBody<Schema extends z.ZodMiniType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = z.safeParse(schema, body ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new TributaryError(
    'message-malformed',
    `${issue?.path.map(String).join('.') || 'body'}: ${issue?.message}`,
  );
}
