/** What a participant may send on the control channel: one socket.io event named `message`, one object. */
import * as z from 'zod/mini';
import {
  blobHashField,
  bytesField,
  exactBytesField,
  exampleCountField,
  publicKeyField,
  roundNumberField,
  signatureField,
} from './fields.ts';

export const PROTOCOL_VERSION = 1;
export const MAXIMUM_CONTROL_FRAME_BYTES = 256 * 1024;

/**
 * "I am here." The answer to `challenge` on every connection, and sent again when told to come back. The signature
 * (of `checkInMessage`) shows that this device holds the key from which its client id is derived.
 */
export const checkInSchema = z.strictObject({
  type: z.literal('checkIn'),
  protocol: z.int(),
  ticket: z.string().check(z.minLength(1), z.maxLength(4096)),
  publicKey: publicKeyField,
  signature: signatureField,
  exampleCount: exampleCountField,
  backend: z.enum(['webgpu', 'webgl', 'wasm', 'cpu', 'plain', 'undecided']),
});

/** Coarse progress of local training, for the operator's view; at most one a second is worth sending. */
export const progressSchema = z.strictObject({
  type: z.literal('progress'),
  roundNumber: roundNumberField,
  /** Fraction of local training done, in [0, 1]. */
  fraction: z.number().check(z.gte(0), z.lte(1)),
  /** Not sent in a run with secure aggregation: it tells something of one device. */
  examplesPerSecond: z.optional(z.number().check(z.gte(0), z.lte(1e9))),
});

/** "Training is done and an update of this hash is ready." The cohort forms among those who say so. */
export const readySchema = z.strictObject({
  type: z.literal('ready'),
  roundNumber: roundNumberField,
  exampleCount: exampleCountField,
  updateHash: blobHashField,
  updateBytes: z.int().check(z.positive(), z.maximum(2 ** 31)),
});

/** How the global model does on the participant's own held-out examples; weights the run's local accuracy. */
export const evaluatedSchema = z.strictObject({
  type: z.literal('evaluated'),
  roundNumber: roundNumberField,
  modelHash: blobHashField,
  exampleCount: exampleCountField,
  accuracy: z.number().check(z.gte(0), z.lte(1)),
  loss: z.number().check(z.gte(0), z.lte(1e6)),
});

/** "Do not wait for me in this round": it goes on without this member at once, who is there for later ones. */
export const withdrawSchema = z.strictObject({
  type: z.literal('withdraw'),
  roundNumber: roundNumberField,
  reason: z.enum([
    'download-failed',
    'training-failed',
    'update-lost',
    'upload-failed',
    'out-of-time',
    /** The secrets of the secure sum were in a page that is gone. */
    'secure-sum-lost',
    /** The coordinator asked for what this device does not give. */
    'secure-sum-refused',
    /** The encoding of the round is none of this run's plan, or another one than before. */
    'encoding-refused',
  ]),
});

/** Where a member stands among the shares of its neighbours is one byte, and 0 is the secret: so it has at most 255. */
export const MAXIMUM_NEIGHBOURS = 255;

/**
 * Instead of `ready` in a run with secure aggregation: mask key, channel key, commitment to the seed of the own mask (32
 * bytes each), signature (64). The coordinator puts the identity key before them, which it knows from the check-in.
 */
export const keysOfferedSchema = z.strictObject({
  type: z.literal('keysOffered'),
  roundNumber: roundNumberField,
  bytes: exactBytesField(160),
});

/** For each neighbour, in their order: the sealed shares of both secrets (80 bytes) and what commits to them (2 x 16). */
export const sharesSealedSchema = z.strictObject({
  type: z.literal('sharesSealed'),
  roundNumber: roundNumberField,
  bytes: bytesField({ minimum: 112, maximum: 112 * MAXIMUM_NEIGHBOURS }),
});

/** "A masked update of this hash is ready." Nothing of its content is told beside it. */
export const maskedSchema = z.strictObject({
  type: z.literal('masked'),
  roundNumber: roundNumberField,
  updateHash: blobHashField,
  updateBytes: z.int().check(z.positive(), z.maximum(2 ** 31)),
});

/** The signature under who shared and who survived, as this device was told. */
export const survivorsConfirmedSchema = z.strictObject({
  type: z.literal('survivorsConfirmed'),
  roundNumber: roundNumberField,
  signature: exactBytesField(64),
});

/** For each neighbour that shared, in their order, 32 bytes: of a survivor the share of its seed, of another that of its key. */
export const sharesRevealedSchema = z.strictObject({
  type: z.literal('sharesRevealed'),
  roundNumber: roundNumberField,
  bytes: bytesField({ minimum: 32, maximum: 32 * MAXIMUM_NEIGHBOURS }),
});

/** "Do not count on me": at once, without the grace that a broken connection has. */
export const leaveSchema = z.strictObject({
  type: z.literal('leave'),
  reason: z.enum(['stopped-by-person', 'device-failed', 'data-erased', 'plan-changed']),
});

export const clientMessageSchema = z.discriminatedUnion('type', [
  checkInSchema,
  progressSchema,
  readySchema,
  keysOfferedSchema,
  sharesSealedSchema,
  maskedSchema,
  survivorsConfirmedSchema,
  sharesRevealedSchema,
  evaluatedSchema,
  withdrawSchema,
  leaveSchema,
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;
export type CheckIn = z.infer<typeof checkInSchema>;
export type WithdrawReason = z.infer<typeof withdrawSchema>['reason'];
export type LeaveReason = z.infer<typeof leaveSchema>['reason'];
