import { bytesToHex, type CheckIn, checkInMessage, PROTOCOL_VERSION, type Trainer } from '@tributary/fl-core';
import { openDeviceIdentity } from './identity/device-identity.ts';
import type { ParticipantOptions } from './participant-options.ts';

/** The offer, with what the machine must not know: the ticket, and the signature that answers this nonce. */
export async function composeCheckIn(
  {
    runId,
    ticket,
    storage,
    data,
    manifest,
  }: Pick<ParticipantOptions, 'runId' | 'ticket' | 'storage' | 'data' | 'manifest'>,
  { nonce, trainer }: { readonly nonce: string; readonly trainer: Trainer | null },
): Promise<CheckIn> {
  const { secureAggregation, eligibility } = manifest;
  const owned = await data.exampleCount();
  // With secure aggregation the count goes into the sum, and here it says only that it is enough.
  const said = secureAggregation.mode === 'off' ? owned : Math.min(owned, eligibility.minimumExamples);
  const identity = await openDeviceIdentity(storage);
  const claims = { protocol: PROTOCOL_VERSION, nonce, ticket, runId, publicKey: identity.publicKey };
  return {
    type: 'checkIn',
    protocol: PROTOCOL_VERSION,
    ticket,
    publicKey: identity.publicKey,
    signature: bytesToHex(await identity.sign(checkInMessage(claims))),
    exampleCount: said,
    backend: trainer?.backend.name ?? 'undecided',
  };
}
