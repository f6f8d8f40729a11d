/** What a check-in signs. The bytes are in docs/protocol.md, with an example. */
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { transcript } from '@tributary/privacy';
import type { PublicKey, RunId } from '../identifiers.ts';
import type { Sha256 } from '../ports/hash.ts';
import { plainSha256 } from '../sha256.ts';

const DOMAIN = 'tributary/check-in/v1';

export interface CheckInClaims {
  readonly protocol: number;
  /** From this connection's `challenge`: a signature is good on one connection only. */
  readonly nonce: string;
  /** Only its hash is signed, so that the signed bytes are no credential. */
  readonly ticket: string;
  readonly runId: RunId;
  readonly publicKey: PublicKey;
}

export function checkInMessage(claims: CheckInClaims, sha256: Sha256 = plainSha256): Uint8Array {
  return transcript(DOMAIN, [
    utf8ToBytes(String(claims.protocol)),
    hexToBytes(claims.nonce),
    sha256(utf8ToBytes(claims.ticket)),
    utf8ToBytes(claims.runId),
    hexToBytes(claims.publicKey),
  ]);
}
