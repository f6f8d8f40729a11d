/**
 * The public randomness of a round's codes: who knows the round knows it, and nobody chooses it. The same for everybody
 * where codes must add up, one for each member where they are read one by one.
 */
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { transcript } from '@tributary/privacy';
import type { BlobHash, ClientId, RunId } from '../identifiers.ts';
import { plainSha256 } from '../sha256.ts';

/** Which round, and the model that it starts from. */
export interface CodedRound {
  readonly runId: RunId;
  readonly roundNumber: number;
  readonly modelHash: BlobHash;
}

/** 32 bytes, the same for all members of a round. */
export function roundSeed({ runId, roundNumber, modelHash }: CodedRound): Uint8Array {
  const fields = [utf8ToBytes(runId), utf8ToBytes(String(roundNumber)), hexToBytes(modelHash)];
  return plainSha256(transcript('tributary/round-code', fields));
}

/** 32 bytes of one member's own, from those of its round. */
export function memberSeed(seedOfRound: Uint8Array, clientId: ClientId): Uint8Array {
  return plainSha256(transcript('tributary/member-code', [seedOfRound, utf8ToBytes(clientId)]));
}
