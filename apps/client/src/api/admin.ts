/** The operator's API, one function per route. */
import {
  ADMIN_PATH,
  type createInviteSchema,
  type createOperatorSchema,
  type createRunSchema,
  type ExportFormat,
  importedModelSchema,
  inviteSchema,
  loginSchema,
  modelUploadedSchema,
  operatorSchema,
  operatorTokenSchema,
  type RunDetail,
  type RunId,
  runDetailSchema,
  runSummarySchema,
  serverSchema,
  sessionSchema,
  steeringEntrySchema,
  templateSchema,
} from '@tributary/fl-core';
import * as z from 'zod/mini';
import { ask, askText, rememberCsrfToken, tell } from './ask.ts';

export type RunAction = 'launch' | 'pause' | 'resume' | 'stop';
type NewRun = z.infer<typeof createRunSchema>;
type NewInvite = z.input<typeof createInviteSchema>;
type NewOperator = z.infer<typeof createOperatorSchema>;

export const logIn = async (token: string) =>
  rememberCsrfToken(
    await ask({ method: 'POST', path: 'session', body: loginSchema.parse({ token }), answer: sessionSchema }),
  );
export const fetchSession = async (signal: AbortSignal) =>
  rememberCsrfToken(await ask({ path: 'session', answer: sessionSchema, signal }));
export const logOut = () => tell({ method: 'DELETE', path: 'session' });

export const fetchServer = (signal: AbortSignal) => ask({ path: 'server', answer: serverSchema, signal });
export const fetchTemplates = (signal: AbortSignal) =>
  ask({ path: 'templates', answer: z.array(templateSchema), signal });

export const fetchRuns = (signal: AbortSignal) =>
  ask({ path: 'runs', answer: z.array(runSummarySchema), signal });
/** With `since`, only the rounds that changed after that revision. */
export const fetchRun = (runId: string, since: number | null, signal: AbortSignal): Promise<RunDetail> =>
  ask({
    path: `${runPath(runId)}${since === null ? '' : `?since=${since}`}`,
    answer: runDetailSchema,
    signal,
  });
export const createRun = (run: NewRun) =>
  ask({ method: 'POST', path: 'runs', body: run, answer: runSummarySchema });

/** A frame, for a run to adapt. */
export const uploadModel = (frame: Blob) =>
  ask({ method: 'POST', path: 'models', body: frame, answer: modelUploadedSchema });

/** A zip of a saved layers model, for a run to begin with. */
export const importLayers = (zip: Blob) =>
  ask({ method: 'POST', path: 'models/layers', body: zip, answer: importedModelSchema });

export const steerRun = (runId: RunId, action: RunAction) =>
  ask({ method: 'POST', path: `${runPath(runId)}/${action}`, answer: runSummarySchema });
export const rollBackRun = (runId: RunId, roundNumber: number) =>
  ask({
    method: 'POST',
    path: `${runPath(runId)}/rollback`,
    body: { roundNumber },
    answer: runSummarySchema,
  });
export const fetchSteeringLog = (runId: RunId, signal: AbortSignal) =>
  ask({ path: `${runPath(runId)}/log`, answer: z.array(steeringEntrySchema), signal });

export const fetchInvites = (runId: RunId, signal: AbortSignal) =>
  ask({ path: `${runPath(runId)}/invites`, answer: z.array(inviteSchema), signal });
export const createInvite = (runId: RunId, invite: NewInvite) =>
  ask({ method: 'POST', path: `${runPath(runId)}/invites`, body: invite, answer: inviteSchema });
export const revokeInvite = (runId: RunId, inviteId: string) =>
  tell({ method: 'DELETE', path: `${runPath(runId)}/invites/${encodeURIComponent(inviteId)}` });

/** `round` null is the newest model. */
export const exportAddress = (runId: RunId, format: ExportFormat, round: number | null) =>
  `${ADMIN_PATH}/${exportPath(runId, format, round)}`;
export const fetchModelCard = (runId: RunId, round: number | null, signal: AbortSignal) =>
  askText({ path: exportPath(runId, 'card', round), signal });

export const fetchOperators = (signal: AbortSignal) =>
  ask({ path: 'operators', answer: z.array(operatorSchema), signal });
export const createOperator = (operator: NewOperator) =>
  ask({ method: 'POST', path: 'operators', body: operator, answer: operatorTokenSchema });
export const renewToken = (operatorId: string) =>
  ask({ method: 'POST', path: `${operatorPath(operatorId)}/token`, answer: operatorTokenSchema });
export const removeOperator = (operatorId: string) =>
  tell({ method: 'DELETE', path: operatorPath(operatorId) });

const runPath = (runId: string) => `runs/${encodeURIComponent(runId)}`;
const operatorPath = (operatorId: string) => `operators/${encodeURIComponent(operatorId)}`;
const exportPath = (runId: RunId, format: ExportFormat, round: number | null) =>
  `${runPath(runId)}/export?format=${format}${round === null ? '' : `&round=${round}`}`;
