/** The operator's API, one function per route. */
import {
  type createRunSchema,
  inviteSchema,
  loginSchema,
  type RunId,
  runDetailSchema,
  runSummarySchema,
  sessionSchema,
  templateSchema,
} from '@tributary/fl-core';
import * as z from 'zod/mini';
import { ask, rememberCsrfToken } from './ask.ts';

export type RunAction = 'launch' | 'pause' | 'resume' | 'stop';
type NewRun = z.infer<typeof createRunSchema>;

export const logIn = async (token: string) =>
  rememberCsrfToken(
    await ask({ method: 'POST', path: 'session', body: loginSchema.parse({ token }), answer: sessionSchema }),
  );
export const fetchSession = async (signal: AbortSignal) =>
  rememberCsrfToken(await ask({ path: 'session', answer: sessionSchema, signal }));

export const fetchTemplates = (signal: AbortSignal) =>
  ask({ path: 'templates', answer: z.array(templateSchema), signal });
export const fetchRuns = (signal: AbortSignal) =>
  ask({ path: 'runs', answer: z.array(runSummarySchema), signal });
export const fetchRun = (runId: string, signal: AbortSignal) =>
  ask({ path: `runs/${encodeURIComponent(runId)}`, answer: runDetailSchema, signal });

export const createRun = (run: NewRun) =>
  ask({ method: 'POST', path: 'runs', body: run, answer: runSummarySchema });
export const steerRun = (runId: RunId, action: RunAction) =>
  ask({ method: 'POST', path: `runs/${runId}/${action}`, answer: runSummarySchema });
export const createInvite = (runId: RunId) =>
  ask({ method: 'POST', path: `runs/${runId}/invites`, body: {}, answer: inviteSchema });
