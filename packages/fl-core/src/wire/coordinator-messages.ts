/** What the coordinator may send on the control channel: one socket.io event named `message`, one object. */
import * as z from 'zod/mini';
import { ERROR_CODES } from '../errors.ts';
import { manifestSchema } from '../task/manifest.ts';
import {
  blobHashField,
  clientIdField,
  nonceField,
  roundNumberField,
  runIdField,
  secondsField,
} from './fields.ts';

/** The first message on every connection: what the check-in must sign, so that no other connection's will do. */
export const challengeSchema = z.strictObject({ type: z.literal('challenge'), nonce: nonceField });

/** Answer to a check-in: who you are here, and what the run is. */
export const admittedSchema = z.strictObject({
  type: z.literal('admitted'),
  runId: runIdField,
  clientId: clientIdField,
  manifest: manifestSchema,
});

/** Pace steering: nothing to do for about this long. You may stay connected and will be invited if needed. */
export const comeBackSchema = z.strictObject({
  type: z.literal('comeBack'),
  afterSeconds: secondsField,
  reason: z.enum(['round-in-progress', 'waiting-for-others', 'not-selected', 'run-paused']),
});

/** You are selected: fetch the model, train, say `ready`. Sent again, unchanged, after a reconnect. */
export const invitedSchema = z.strictObject({
  type: z.literal('invited'),
  roundNumber: roundNumberField,
  modelHash: blobHashField,
  /** Seconds left until the training deadline. */
  deadlineSeconds: secondsField,
});

/** You are in the closed cohort: upload the update that you announced. Sent again after a reconnect. */
export const uploadGrantedSchema = z.strictObject({
  type: z.literal('uploadGranted'),
  roundNumber: roundNumberField,
  uploadTicket: z.string().check(z.minLength(1), z.maxLength(4096)),
  cohortSize: z.int().check(z.positive()),
  deadlineSeconds: secondsField,
});

/** Your part in this round is over without an update in it. Not a fault of yours unless the reason says so. */
export const releasedSchema = z.strictObject({
  type: z.literal('released'),
  roundNumber: roundNumberField,
  reason: z.enum(['cohort-full', 'deadline-passed', 'away-too-long', 'update-refused', 'left', 'round-over']),
  comeBackSeconds: secondsField,
});

/** A new model exists. `accepted` says whether your update is in it. */
export const roundCommittedSchema = z.strictObject({
  type: z.literal('roundCommitted'),
  roundNumber: roundNumberField,
  modelHash: blobHashField,
  survivors: z.int().check(z.positive()),
  accepted: z.boolean(),
});

export const ABANDON_REASONS = [
  'too-few-ready',
  'too-few-survivors',
  'stopped',
  'aggregation-failed',
] as const;
export const roundAbandonedSchema = z.strictObject({
  type: z.literal('roundAbandoned'),
  roundNumber: roundNumberField,
  reason: z.enum(ABANDON_REASONS),
  comeBackSeconds: secondsField,
});

export const runEndedSchema = z.strictObject({
  type: z.literal('runEnded'),
  status: z.enum(['completed', 'stopped']),
  modelHash: blobHashField,
  committedRounds: z.int().check(z.gte(0)),
});

/** Something you sent was not taken; nothing changed. `fatal` means that trying again will not help. */
export const refusedSchema = z.strictObject({
  type: z.literal('refused'),
  code: z.enum(ERROR_CODES),
  message: z.string().check(z.maxLength(1000)),
  fatal: z.boolean(),
});

export const coordinatorMessageSchema = z.discriminatedUnion('type', [
  challengeSchema,
  admittedSchema,
  comeBackSchema,
  invitedSchema,
  uploadGrantedSchema,
  releasedSchema,
  roundCommittedSchema,
  roundAbandonedSchema,
  runEndedSchema,
  refusedSchema,
]);
export type CoordinatorMessage = z.infer<typeof coordinatorMessageSchema>;
