/**
 * The operator's API under `/v1/admin`: schemas of requests and answers; OpenAPI is generated from them.
 * Authorised by `Authorization: Bearer <operator token>` or by the session cookie that `POST session` sets.
 */
import * as z from 'zod/mini';
import { manifestSchema } from '../task/manifest.ts';
import { ABANDON_REASONS } from './coordinator-messages.ts';
import { blobHashField, runIdField } from './fields.ts';

export const ADMIN_PATH = '/v1/admin';

const count = z.int().check(z.gte(0));
const timestamp = z.int();
const runStatus = z.enum(['running', 'pausing', 'paused', 'completed', 'stopped']);

/** POST session */
export const loginSchema = z.strictObject({ token: z.string().check(z.minLength(1), z.maxLength(512)) });
/** GET session */
export const sessionSchema = z.strictObject({ role: z.literal('operator') });

/** GET templates */
export const templateSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  manifest: manifestSchema,
});
export type Template = z.infer<typeof templateSchema>;

/** POST runs: a template (its name optionally replaced) or a whole manifest. The run starts paused. */
export const createRunSchema = z.union([
  z.strictObject({
    templateId: z.string(),
    name: z.optional(z.string().check(z.minLength(1), z.maxLength(120))),
  }),
  z.strictObject({ manifest: z.unknown() }),
]);

/** GET runs; also the answer to POST runs and to POST runs/ID/(launch|pause|resume|stop). */
export const runSummarySchema = z.strictObject({
  runId: runIdField,
  name: z.string(),
  status: runStatus,
  /** Never launched. */
  isNew: z.boolean(),
  createdAt: timestamp,
  committedRounds: count,
  targetRounds: count,
  roundNumber: count,
  modelHash: blobHashField,
  present: count,
  /** On the validation set, else the participants' own; null before the first evaluation. */
  accuracy: z.nullable(z.number()),
});
export type RunSummary = z.infer<typeof runSummarySchema>;

/** One finished round, for curves and funnel. Counts only; no update of anybody. */
export const roundSummarySchema = z.strictObject({
  roundNumber: count,
  outcome: z.enum(['committed', 'abandoned']),
  reason: z.nullable(z.enum(ABANDON_REASONS)),
  openedAt: timestamp,
  closedAt: timestamp,
  invited: count,
  trained: count,
  accepted: count,
  dropped: z.record(z.string(), count),
  modelHash: blobHashField,
  bytesUp: count,
  bytesDown: count,
  /** Model after the round on the public validation set, when the task has one. */
  validationAccuracy: z.nullable(z.number()),
  validationLoss: z.nullable(z.number()),
  /** The round's starting model on the participants' held-out examples, weighted by count. */
  participantAccuracy: z.nullable(z.number()),
});
export type RoundSummary = z.infer<typeof roundSummarySchema>;

/** GET runs/ID */
export const runDetailSchema = z.strictObject({
  summary: runSummarySchema,
  manifest: manifestSchema,
  live: z.nullable(
    z.strictObject({
      roundNumber: count,
      phase: z.enum([
        'selecting',
        'training',
        'cohortClosed',
        'reporting',
        'aggregating',
        'committed',
        'abandoned',
      ]),
      candidates: count,
      invited: count,
      trained: count,
      accepted: count,
      dropped: count,
      reportGoal: count,
      minimumSurvivors: count,
      /** When the phase's deadline strikes; null when no clock runs. */
      closesAt: z.nullable(timestamp),
    }),
  ),
  participants: z.array(
    z.strictObject({
      /** First eight digits of the client id. */
      label: z.string(),
      backend: z.string(),
      exampleCount: count,
      stage: z.enum(['waiting', 'training', 'ready', 'reported', 'dropped']),
      /** Fraction of local training done. */
      progress: z.number(),
      examplesPerSecond: z.number(),
      acceptedUpdates: count,
    }),
  ),
  rounds: z.array(roundSummarySchema),
  /** In the demo: what the best participant reaches alone on its own examples; null or absent elsewhere. */
  soloAccuracy: z.optional(z.nullable(z.number())),
  now: timestamp,
});
export type RunDetail = z.infer<typeof runDetailSchema>;

/** POST runs/ID/invites; answer. The ticket sits in the fragment, which no request carries. */
export const createInviteSchema = z.strictObject({
  validHours: z._default(z.number().check(z.positive(), z.maximum(24 * 365)), 24 * 7),
});
export const inviteSchema = z.strictObject({ joinUrl: z.string(), expiresAt: timestamp });
export type Invite = z.infer<typeof inviteSchema>;
