import { CODEC_ERROR_CODES, CodecError } from '@tributary/compression';
import { SECAGG_ERROR_CODES, SecAggError } from '@tributary/privacy';

/**
 * Errors that a program may act upon. `code` is stable across releases and is what crosses the wire;
 * `message` is for people and never holds anything private.
 */
export const ERROR_CODES = [
  // messages from outside
  'message-malformed',
  'message-too-large',
  'protocol-unsupported',
  // admission
  'ticket-invalid',
  'ticket-expired',
  'invite-exhausted',
  'invite-revoked',
  'identity-invalid',
  'identity-in-use',
  'not-checked-in',
  'not-eligible',
  'too-many-connections',
  'origin-refused',
  // rounds
  'run-unknown',
  'run-not-open',
  'round-mismatch',
  'not-a-member',
  'phase-mismatch',
  'report-duplicate',
  // frames and updates
  'frame-magic',
  'frame-version',
  'frame-dtype',
  'frame-shape',
  'frame-length',
  'frame-checksum',
  'frame-too-large',
  'upload-offset-mismatch',
  'upload-interrupted',
  'update-hash-mismatch',
  'update-shape-mismatch',
  'update-not-finite',
  'update-out-of-range',
  'weight-out-of-range',
  // codes of updates
  ...CODEC_ERROR_CODES,
  // the secure sum
  ...SECAGG_ERROR_CODES,
  // tasks
  'manifest-invalid',
  'plan-impossible',
  // models from elsewhere
  'model-file-invalid',
  'model-weights-invalid',
  'plan-changed',
  // training
  'training-stopped',
  'training-diverged',
  'backend-unavailable',
  'model-unsupported',
  'data-missing',
  'data-invalid',
  'data-unreadable',
  // storage and admin
  'blob-missing',
  'blob-corrupt',
  'storage-full',
  'ledger-unwritable',
  'unauthorised',
  'forbidden',
  'not-found',
  'conflict',
  'rate-limited',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export class TributaryError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'TributaryError';
    this.code = code;
  }
}

/** The code of any thrown value: its own when it is ours, `internal` otherwise. */
export function errorCodeOf(error: unknown): ErrorCode {
  const isCoded =
    error instanceof TributaryError || error instanceof SecAggError || error instanceof CodecError;
  return isCoded ? error.code : 'internal';
}
