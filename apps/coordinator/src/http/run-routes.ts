/** Runs: list, create, watch, steer. */
import {
  createRunSchema,
  parseManifest,
  rollBackSchema,
  runDetailSchema,
  runSummarySchema,
  steeringEntrySchema,
} from '@tributary/fl-core';
import * as z from 'zod/mini';
import { detailRun, participantIds, summariseRun } from '../run/describe-run.ts';
import type { RunSupervisor } from '../run/run-supervisor.ts';
import { STEERING, steerRun } from '../run/steer-run.ts';
import { findTemplate } from '../templates/index.ts';
import { type AdminRoute, route } from './admin-route.ts';
import type { AdminParts } from './admin-routes.ts';
import { FAULT_WORDS } from './fault-words.ts';
import { steeringNotes } from './steering-notes.ts';

/** Query values are text. */
const revisionQuery = z.strictObject({ since: z.optional(z.string().check(z.regex(/^\d{1,15}$/))) });

export function runRoutes({ runs, storage, connections, soloAccuracy }: AdminParts): readonly AdminRoute[] {
  const summary = async (run: RunSupervisor) => summariseRun(run, await storage.runs.progress(run.runId));
  const note = steeringNotes(storage.steering);

  return [
    route({
      method: 'GET',
      path: 'runs',
      summary: 'All runs, oldest first',
      role: 'viewer',
      answer: z.array(runSummarySchema),
      handle: () => Promise.all(runs.all().map(summary)),
    }),
    route({
      method: 'POST',
      path: 'runs',
      summary: 'Create a run, paused, from a template or a manifest',
      role: 'operator',
      body: createRunSchema,
      answer: runSummarySchema,
      status: 201,
      async handle({ body, caller }) {
        const run = await runs.create(
          'manifest' in body ? parseManifest(body.manifest, FAULT_WORDS) : fromTemplate(body),
        );
        await note(run.runId, caller, 'create', run.manifest.name);
        return summary(run);
      },
    }),
    route({
      method: 'GET',
      path: 'runs/{runId}',
      summary:
        'A run with its live round, participants and finished rounds; `since` leaves out unchanged rounds',
      role: 'viewer',
      query: revisionQuery,
      answer: runDetailSchema,
      async handle({ runId, query }) {
        const run = runs.get(runId);
        // First the progress: a round that finishes in between is told now and, as changed since then, once more.
        const progress = await storage.runs.progress(runId);
        const [rounds, contributions] = await Promise.all([
          storage.runs.rounds(runId, Number(query.since ?? 0)),
          // Of those that are told: a run that went on for long has had many more.
          storage.runs.contributions(runId, participantIds(run)),
        ]);
        return detailRun(run, {
          progress,
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
        role: 'operator',
        answer: runSummarySchema,
        async handle({ runId, caller }) {
          const run = runs.get(runId);
          await steerRun(run, verb);
          await note(runId, caller, verb);
          return summary(run);
        },
      }),
    ),
    route({
      method: 'POST',
      path: 'runs/{runId}/rollback',
      summary: 'Go on from the model of an earlier committed round; 0 is the first model',
      role: 'operator',
      body: rollBackSchema,
      answer: runSummarySchema,
      async handle({ runId, body, caller }) {
        const run = runs.get(runId);
        await run.rollBack(body.roundNumber);
        await note(runId, caller, 'rollback', `to round ${body.roundNumber}`);
        return summary(run);
      },
    }),
    route({
      method: 'GET',
      path: 'runs/{runId}/log',
      summary: 'Who steered the run, and how; newest first',
      role: 'viewer',
      answer: z.array(steeringEntrySchema),
      handle: async ({ runId }) => [...(await storage.steering.entries(runs.get(runId).runId))],
    }),
  ];
}

function fromTemplate({ templateId, name }: { templateId: string; name?: string | undefined }) {
  const { manifest } = findTemplate(templateId);
  return { ...manifest, name: name ?? manifest.name };
}
