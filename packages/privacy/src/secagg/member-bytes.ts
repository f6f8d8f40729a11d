import { OFFER_MESSAGE_BYTES } from './roster.ts';
import { ENTRY_BYTES, SHARE_BYTES } from './sealed-entry.ts';

/** Ed25519. */
const SIGNATURE_BYTES = 64;

/** What a member sends beside its masked vector: keys, sealed shares, the signature of the survivors, revealed shares. */
export function memberBytes({ degree }: { readonly degree: number }): number {
  return OFFER_MESSAGE_BYTES + degree * ENTRY_BYTES + SIGNATURE_BYTES + degree * SHARE_BYTES;
}
