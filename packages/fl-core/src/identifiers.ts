/** Identifiers are branded strings: a `ClientId` cannot be passed where a `RunId` is wanted. */

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** 32 lower-case hex digits; derived from the device's public key (`deriveClientId`), never chosen by hand. */
export type ClientId = Branded<string, 'ClientId'>;
/** The public half of a device key (Ed25519, RFC 8032): 64 lower-case hex digits. */
export type PublicKey = Branded<string, 'PublicKey'>;
/** Short URL-safe name of a run, e.g. `run-3f9ac2d1`. */
export type RunId = Branded<string, 'RunId'>;
/** SHA-256 of a stored blob, 64 lower-case hex digits. */
export type BlobHash = Branded<string, 'BlobHash'>;
/** Milliseconds since the Unix epoch, or since the start of virtual time. Only runners read a clock. */
export type Instant = Branded<number, 'Instant'>;

export const CLIENT_ID_PATTERN = /^[0-9a-f]{32}$/;
export const PUBLIC_KEY_PATTERN = /^[0-9a-f]{64}$/;
export const RUN_ID_PATTERN = /^[a-z0-9][a-z0-9-]{2,63}$/;
export const BLOB_HASH_PATTERN = /^[0-9a-f]{64}$/;

export const instant = (ms: number): Instant => ms as Instant;
export const afterSeconds = (at: Instant, seconds: number): Instant => (at + seconds * 1000) as Instant;
