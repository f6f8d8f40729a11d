/**
 * The operator's API under `/v1/admin`: schemas of requests and answers; OpenAPI is generated from them.
 * Authorised by `Authorization: Bearer <operator token>` or by the session cookie that `POST session` sets.
 */
import * as z from 'zod/mini';
import { ROUND_PHASES } from '../round/round-phase.ts';
import { manifestSchema } from '../task/manifest.ts';
import { layersModelSchema } from '../task/model.ts';
import { sumEncodingSchema } from '../update/sum-encoding.ts';
import { sumFactsSchema } from '../update/sum-facts.ts';
import { ABANDON_REASONS } from './coordinator-messages.ts';
import { blobHashField, runIdField } from './fields.ts';
import { secureSumRecordSchema } from './secure-sum-record.ts';

export const ADMIN_PATH = '/v1/admin';

const count = z.int().check(z.gte(0));
const timestamp = z.int();
const runStatus = z.enum(['running', 'pausing', 'paused', 'completed', 'stopped']);

/** Each role may do what those before it may. A viewer looks, an operator steers runs, an owner also names operators. */
export const OPERATOR_ROLES = ['viewer', 'operator', 'owner'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number];
const role = z.enum(OPERATOR_ROLES);

export const mayActAs = (held: OperatorRole, needed: OperatorRole): boolean =>
  OPERATOR_ROLES.indexOf(held) >= OPERATOR_ROLES.indexOf(needed);

/** Every request that changes something by session cookie carries the session's `csrfToken` in this header. */
export const CSRF_HEADER = 'x-tributary-csrf';

/** POST session */
export const loginSchema = z.strictObject({ token: z.string().check(z.minLength(1), z.maxLength(512)) });
/** GET session; also the answer to POST session. */
export const sessionSchema = z.strictObject({
  operatorId: z.string(),
  name: z.string(),
  role,
  /** For `CSRF_HEADER`; null when authorised by a bearer token, which no other site can make a browser send. */
  csrfToken: z.nullable(z.string()),
});
export type OperatorSession = z.infer<typeof sessionSchema>;

/** GET operators (owners) */
export const operatorSchema = z.strictObject({
  operatorId: z.string(),
  name: z.string(),
  role,
  createdAt: timestamp,
  lastSeenAt: z.nullable(timestamp),
});
export type Operator = z.infer<typeof operatorSchema>;
/** POST operators (owners) */
export const createOperatorSchema = z.strictObject({
  name: z.string().check(z.minLength(1), z.maxLength(120)),
  role,
});
/** Answer to POST operators and to POST operators/ID/token: the only time that the token is told. */
export const operatorTokenSchema = z.strictObject({
  operator: operatorSchema,
  token: z.string(),
  /** Opens the dashboard; the token sits in the fragment, which no request carries. */
  loginUrl: z.string(),
});
export type OperatorToken = z.infer<typeof operatorTokenSchema>;

/** GET server: where people reach this coordinator, and how they know that it is the right one. */
export const serverSchema = z.strictObject({
  version: z.string(),
  publicUrl: z.string(),
  /** Every address at which it listens, e.g. on each network interface. */
  urls: z.array(z.string()),
  tls: z.enum(['none', 'files', 'self-signed']),
  /** SHA-256 of the certificate as browsers show it: upper-case hex pairs with colons; null without TLS. */
  certificateFingerprint: z.nullable(z.string()),
});
export type ServerFacts = z.infer<typeof serverSchema>;

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

/** Answer to POST models, whose body is a frame: what a run can name as the model that it adapts. */
export const modelUploadedSchema = z.strictObject({ modelHash: blobHashField, bytes: count });

/** Answer to POST models/layers, whose body is a zip of a saved tfjs layers model: what a manifest can begin with. */
export const importedModelSchema = z.strictObject({
  model: layersModelSchema,
  modelHash: blobHashField,
  bytes: count,
});
export type ImportedModel = z.infer<typeof importedModelSchema>;

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

/** When a round entered a phase. */
const phaseMarkSchema = z.strictObject({ phase: z.enum(ROUND_PHASES), at: timestamp });

/** One finished round, for curves and funnel. Counts only; no update of anybody. */
export const roundSummarySchema = z.strictObject({
  roundNumber: count,
  outcome: z.enum(['committed', 'abandoned']),
  reason: z.nullable(z.enum(ABANDON_REASONS)),
  openedAt: timestamp,
  closedAt: timestamp,
  /** From `selecting` to the outcome, in order. */
  timeline: z.array(phaseMarkSchema),
  /** A later roll back left this round behind: its model is no ancestor of today's. */
  isSuperseded: z.boolean(),
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
  /** Where the run tunes its step, of a sum that was seen. */
  sum: z.optional(sumFactsSchema),
  /** Of rounds with secure aggregation whose cohort closed. */
  secureSum: z.optional(secureSumRecordSchema),
});
export type RoundSummary = z.infer<typeof roundSummarySchema>;

/** GET runs/ID; with `?since=REVISION`, `rounds` holds only those that changed after it. */
export const runDetailSchema = z.strictObject({
  summary: runSummarySchema,
  manifest: manifestSchema,
  live: z.nullable(
    z.strictObject({
      roundNumber: count,
      phase: z.enum(ROUND_PHASES),
      timeline: z.array(phaseMarkSchema),
      candidates: count,
      invited: count,
      trained: count,
      accepted: count,
      /** By reason. */
      dropped: z.record(z.string(), count),
      reportGoal: count,
      minimumSurvivors: count,
      /** Of the updates, where the run tunes it. */
      encoding: z.optional(sumEncodingSchema),
      /** When the phase's deadline strikes; null when no clock runs. */
      closesAt: z.nullable(timestamp),
      /** With secure aggregation, once the cohort is closed. */
      secureSum: z.optional(secureSumRecordSchema),
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
  /** Grows with every change to a finished round (recorded, measured later, superseded); ask `?since=` with it. */
  revision: count,
  /** Over all finished rounds. */
  totals: z.strictObject({
    committed: count,
    abandoned: count,
    invited: count,
    trained: count,
    accepted: count,
    dropped: z.record(z.string(), count),
    bytesUp: count,
    bytesDown: count,
  }),
  /** In the demo: what the best participant reaches alone on its own examples; null or absent elsewhere. */
  soloAccuracy: z.optional(z.nullable(z.number())),
  now: timestamp,
});
export type RunDetail = z.infer<typeof runDetailSchema>;

/** POST runs/ID/rollback, of a paused or completed run: goes on from the model of this committed round; 0 is the first model. */
export const rollBackSchema = z.strictObject({ roundNumber: count });

/** GET runs/ID/log: who steered the run, and how; newest first. */
export const steeringEntrySchema = z.strictObject({
  at: timestamp,
  operatorName: z.string(),
  action: z.enum(['create', 'launch', 'pause', 'resume', 'stop', 'rollback', 'invite', 'revoke-invite']),
  /** E.g. the round that was gone back to, or the label of the invite. */
  detail: z.string(),
});
export type SteeringEntry = z.infer<typeof steeringEntrySchema>;

/** POST runs/ID/invites */
export const createInviteSchema = z.strictObject({
  label: z._default(z.string().check(z.maxLength(120)), ''),
  validHours: z._default(z.number().check(z.positive(), z.maximum(24 * 365)), 24 * 7),
  /** How many devices may join by it; null for any number. */
  maximumDevices: z._default(z.nullable(z.int().check(z.positive(), z.maximum(1_000_000))), null),
});
/** Answer to it; GET runs/ID/invites lists them, newest first; DELETE runs/ID/invites/INVITE revokes one. */
export const inviteSchema = z.strictObject({
  inviteId: z.string(),
  label: z.string(),
  /** The ticket sits in the fragment, which no request carries. */
  joinUrl: z.string(),
  createdAt: timestamp,
  expiresAt: timestamp,
  maximumDevices: z.nullable(count),
  /** Devices that joined by it so far. */
  devices: count,
  revokedAt: z.nullable(timestamp),
});
export type Invite = z.infer<typeof inviteSchema>;

/** GET runs/ID/export?format=FORMAT&round=ROUND; without `round` the newest model. */
export const EXPORT_FORMATS = ['frame', 'safetensors', 'adapters', 'tfjs', 'onnx', 'card'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
