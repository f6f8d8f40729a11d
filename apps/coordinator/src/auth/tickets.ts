/**
 * Signed tickets (JWT, HS256): an *admission ticket* lets a participant into a run, an *upload ticket* lets one
 * member of a closed cohort upload one announced update. Each has its own audience, so neither passes as the other.
 */
import { randomBytes } from 'node:crypto';
import {
  BLOB_HASH_PATTERN,
  type BlobHash,
  CLIENT_ID_PATTERN,
  type ClientId,
  type Instant,
  RUN_ID_PATTERN,
  type RunId,
  TributaryError,
  type UpdateAnnouncement,
} from '@tributary/fl-core';
import { errors, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod/mini';

const ADMISSION = 'tributary/admission';
const UPLOAD = 'tributary/upload';
const NONCE_BYTES = 16;

const admissionClaims = z.object({
  run: z.string().check(z.regex(RUN_ID_PATTERN)),
  invite: z.string(),
});
const uploadClaims = z.object({
  run: z.string().check(z.regex(RUN_ID_PATTERN)),
  round: z.int().check(z.positive()),
  sub: z.string().check(z.regex(CLIENT_ID_PATTERN)),
  model: z.string().check(z.regex(BLOB_HASH_PATTERN)),
  update: z.string().check(z.regex(BLOB_HASH_PATTERN)),
  bytes: z.int().check(z.positive()),
  /** No two tickets are the same, also not for the same upload in the same second. */
  jti: z.string().check(z.minLength(NONCE_BYTES)),
});

export interface AdmissionGrant {
  readonly runId: RunId;
  readonly inviteId: string;
}

export interface UploadGrant {
  readonly runId: RunId;
  readonly roundNumber: number;
  readonly clientId: ClientId;
  /** The model that the round started from, and the update with it. */
  readonly modelHash: BlobHash;
  readonly updateHash: BlobHash;
  readonly updateBytes: number;
}

export interface Tickets {
  /** The same ticket each time for one invite. */
  admission(
    invite: AdmissionGrant & { readonly createdAt: Instant; readonly expiresAt: Instant },
  ): Promise<string>;
  /** @throws TributaryError `ticket-invalid`, `ticket-expired` */
  readAdmission(ticket: string): Promise<AdmissionGrant>;
  upload(
    grant: Omit<UploadGrant, 'updateHash' | 'updateBytes'>,
    about: UpdateAnnouncement,
    expiresAt: Date,
  ): Promise<string>;
  /** @throws TributaryError `ticket-invalid`, `ticket-expired` */
  readUpload(ticket: string): Promise<UploadGrant>;
}

export function ticketOffice(key: Uint8Array): Tickets {
  const sign = (
    claims: Record<string, string | number>,
    audience: string,
    { expiresAt, issuedAt }: { readonly expiresAt: Date; readonly issuedAt?: Date },
  ): Promise<string> =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(key);

  const read = async (ticket: string, audience: string): Promise<unknown> => {
    try {
      return (await jwtVerify(ticket, key, { audience, algorithms: ['HS256'] })).payload;
    } catch (error) {
      // The cause is left out: it may quote the ticket.
      throw error instanceof errors.JWTExpired
        ? expired()
        : new TributaryError('ticket-invalid', 'this ticket is not valid here');
    }
  };

  return {
    admission: ({ runId, inviteId, createdAt, expiresAt }) =>
      sign({ run: runId, invite: inviteId }, ADMISSION, {
        issuedAt: new Date(createdAt),
        expiresAt: new Date(expiresAt),
      }),
    async readAdmission(ticket) {
      const { run, invite } = claimsOf(admissionClaims, await read(ticket, ADMISSION));
      return { runId: run as RunId, inviteId: invite };
    },
    upload: ({ runId, roundNumber, clientId, modelHash }, { updateHash, updateBytes }, expiresAt) =>
      sign(
        {
          run: runId,
          round: roundNumber,
          sub: clientId,
          model: modelHash,
          update: updateHash,
          bytes: updateBytes,
          jti: randomBytes(NONCE_BYTES).toString('base64url'),
        },
        UPLOAD,
        { expiresAt },
      ),
    async readUpload(ticket) {
      const claims = claimsOf(uploadClaims, await read(ticket, UPLOAD));
      return {
        runId: claims.run as RunId,
        roundNumber: claims.round,
        clientId: claims.sub as ClientId,
        modelHash: claims.model as BlobHash,
        updateHash: claims.update as BlobHash,
        updateBytes: claims.bytes,
      };
    },
  };
}

export function expired(): TributaryError {
  return new TributaryError('ticket-expired', 'this ticket has expired; ask for a new link');
}

function claimsOf<T>(schema: z.ZodMiniType<T>, payload: unknown): T {
  const parsed = z.safeParse(schema, payload);
  if (!parsed.success) throw new TributaryError('ticket-invalid', 'this ticket lacks what it should say');
  return parsed.data;
}
