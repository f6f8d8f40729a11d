/** What the coordinator may send on the control channel: one socket.io event named `message`, one object. */
import * as z from 'zod/mini';
import { ERROR_CODES } from '../errors.ts';
import { manifestSchema } from '../task/manifest.ts';
import { sumEncodingSchema } from '../update/sum-encoding.ts';
import { MAXIMUM_NEIGHBOURS } from './client-messages.ts';
import {
  blobHashField,
  bytesField,
  clientIdField,
  exactBytesField,
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
  /** Head of the log of models with this round's in it, and without: see `modelLogHead`. */
  modelLog: blobHashField,
  previousModelLog: blobHashField,
  /** Of the updates of this round, in a run whose step is tuned; see `isEncodingOf`. */
  encoding: z.optional(sumEncodingSchema),
});

const MAXIMUM_COHORT = 1000;
/** One bit for each member of the cohort: member i is bit i & 7 of byte i >> 3. */
const membersField = bytesField({ minimum: 1, maximum: MAXIMUM_COHORT / 8 });

/** The cohort is closed, with secure aggregation: its keys (192 bytes a member, by identity) and the beacon drawn after. */
export const rosterClosedSchema = z.strictObject({
  type: z.literal('rosterClosed'),
  roundNumber: roundNumberField,
  beacon: exactBytesField(32),
  bytes: bytesField({ minimum: 192, maximum: 192 * MAXIMUM_COHORT }),
  deadlineSeconds: secondsField,
});

/** Who shared, and what your neighbours among them sealed for you (112 bytes each, in their order): mask, say `masked`. */
export const sharesDeliveredSchema = z.strictObject({
  type: z.literal('sharesDelivered'),
  roundNumber: roundNumberField,
  sharers: membersField,
  bytes: bytesField({ minimum: 0, maximum: 112 * MAXIMUM_NEIGHBOURS }),
  deadlineSeconds: secondsField,
});

/** Whose masked updates are here. Sign that you were told so. */
export const survivorsClosedSchema = z.strictObject({
  type: z.literal('survivorsClosed'),
  roundNumber: roundNumberField,
  sharers: membersField,
  survivors: membersField,
  deadlineSeconds: secondsField,
});

/** The signatures of your neighbours (2 bytes index, little-endian, and 64 bytes each): reveal what unmasks the sum. */
export const unmaskRequestedSchema = z.strictObject({
  type: z.literal('unmaskRequested'),
  roundNumber: roundNumberField,
  bytes: bytesField({ minimum: 0, maximum: 66 * MAXIMUM_NEIGHBOURS }),
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
  reason: z.enum([
    'cohort-full',
    'deadline-passed',
    'away-too-long',
    'update-refused',
    /** What this device sent in the secure sum was not what the protocol prescribes. */
    'secure-sum-faulty',
    'left',
    'round-over',
  ]),
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
  /** The step was too small for what the members sent: the next round has a larger one. */
  'sum-wrapped',
  /** The step was too large: what they sent is less than its rounding. The next round has a smaller one. */
  'sum-too-coarse',
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
  rosterClosedSchema,
  sharesDeliveredSchema,
  survivorsClosedSchema,
  unmaskRequestedSchema,
  uploadGrantedSchema,
  releasedSchema,
  roundCommittedSchema,
  roundAbandonedSchema,
  runEndedSchema,
  refusedSchema,
]);
export type CoordinatorMessage = z.infer<typeof coordinatorMessageSchema>;
