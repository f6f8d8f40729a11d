/** Faults of codes that a program may act upon: `code` is stable, and the message never holds a value. */
export const CODEC_ERROR_CODES = [
  /** A value to be coded is NaN or infinite. */
  'codec-not-finite',
  /** Bytes that no encoder writes: cut off, too long, or out of range. */
  'codec-malformed',
] as const;
export type CodecErrorCode = (typeof CODEC_ERROR_CODES)[number];

export class CodecError extends Error {
  readonly code: CodecErrorCode;

  constructor(code: CodecErrorCode, message: string) {
    super(message);
    this.name = 'CodecError';
    this.code = code;
  }
}
