/** What the runner of a round needs of its state to open the secure sum's session, now or after a restart. */
import { hexToBytes } from '@noble/hashes/utils.js';
import { bitmapOf } from '@tributary/privacy';
import type { ClientId } from '../identifiers.ts';
import type { CohortMember, SecureSumFacts } from './round-state.ts';

/** The cohort's offers, 192 bytes each, in the order of the roster; of those who dropped out, too. */
export function offersOf(cohort: readonly CohortMember[]): Uint8Array[] {
  return cohort.map((member) => hexToBytes(('offer' in member && member.offer) || ''));
}

/** A member's index in the sum; -1 when it is not in the cohort. */
export function indexOf(cohort: readonly CohortMember[], clientId: ClientId): number {
  return cohort.findIndex((member) => member.clientId === clientId);
}

/** Those who shared and those who survived, as the bitmaps that members are told. Empty before they are known. */
export function bitmapsOf(
  cohort: readonly CohortMember[],
  { sharers, survivors }: SecureSumFacts,
): { readonly sharers: Uint8Array; readonly survivors: Uint8Array } {
  const bitmap = (members: readonly ClientId[] | null): Uint8Array => {
    const among = new Set(members);
    return bitmapOf(
      cohort.length,
      cohort.flatMap(({ clientId }, index) => (among.has(clientId) ? [index] : [])),
    );
  };
  return { sharers: bitmap(sharers), survivors: bitmap(survivors) };
}
