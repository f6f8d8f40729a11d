/** Bulk transfer and join over HTTP: paths, and the schemas of the bodies that are JSON. */
import * as z from 'zod/mini';
import { ERROR_CODES } from '../errors.ts';
import type { BlobHash } from '../identifiers.ts';
import { manifestSchema } from '../task/manifest.ts';
import { blobHashField, roundNumberField, runIdField } from './fields.ts';

/** GET: a model frame, immutable, `ETag` = its hash. */
export const modelPath = (hash: BlobHash): string => `/v1/models/${hash}`;
/**
 * GET: the same model, coded (`coded-model.ts`), by itself or against an earlier one. Immutable, `ETag` = the hashes. 404 where
 * the run's models do not come coded, or this pair is not coded: then the whole frame is there.
 */
export const codedModelPath = (hash: BlobHash, base: BlobHash | null): string =>
  `${modelPath(hash)}/coded${base === null ? '' : `/${base}`}`;
/** PUT an update frame, or the rest of one, with `Authorization: Bearer <uploadTicket>`; answered by `uploadAcceptedSchema`. */
export const UPDATES_PATH = '/v1/updates';
/**
 * In the answer to HEAD of `UPDATES_PATH`: how many bytes of the update are there. In a PUT: that its body goes on behind
 * so many; without it the body is the whole update. In the answer to a PUT that was wrong about it: the right number.
 */
export const UPLOAD_OFFSET_HEADER = 'upload-offset';
/** GET with `Authorization: Bearer <admission ticket>`: what the run is, before anything is consented to. */
export const JOIN_PATH = '/v1/join';
/** Path of the socket.io endpoint. */
export const SOCKET_PATH = '/v1/socket';

export const joinInfoSchema = z.strictObject({
  runId: runIdField,
  status: z.enum(['running', 'pausing', 'paused', 'completed', 'stopped']),
  manifest: manifestSchema,
  modelHash: blobHashField,
  committedRounds: z.int().check(z.gte(0)),
});
export type JoinInfo = z.infer<typeof joinInfoSchema>;

export const uploadAcceptedSchema = z.strictObject({
  accepted: z.literal(true),
  roundNumber: roundNumberField,
  updateHash: blobHashField,
  bytes: z.int().check(z.positive()),
});
export type UploadAccepted = z.infer<typeof uploadAcceptedSchema>;

/** Body of every HTTP error. */
export const problemSchema = z.strictObject({
  code: z.enum(ERROR_CODES),
  message: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;
