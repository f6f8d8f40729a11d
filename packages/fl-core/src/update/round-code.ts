/** What the codes of one round need beside the manifest: the same for the coordinator and for every member. */
import type { ClientId } from '../identifiers.ts';
import { type CodedRound, roundSeed } from './round-seed.ts';
import type { SumEncoding } from './sum-encoding.ts';

export interface RoundCode {
  /** 32 bytes, public. */
  readonly seed: Uint8Array;
  /** Null where the manifest fixes all of it. */
  readonly encoding: SumEncoding | null;
}

export function roundCode(round: CodedRound & { readonly encoding: SumEncoding | null }): RoundCode {
  return { seed: roundSeed(round), encoding: round.encoding ?? null };
}

/** Of public dither: a client id is a hash, so two members share one by chance only, and then still add up. */
export function ditherStream(clientId: ClientId): number {
  return Number.parseInt(clientId.slice(0, 8), 16);
}
