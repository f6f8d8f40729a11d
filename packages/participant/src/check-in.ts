import { type CheckIn, PROTOCOL_VERSION, type Trainer } from '@tributary/fl-core';
import type { ParticipantOptions } from './participant-options.ts';
import { randomHex } from './random-hex.ts';

const DEVICE_SECRET_BYTES = 32;

/** The offer, with what the machine must not know: the ticket and the device secret. */
export async function composeCheckIn(
  { ticket, storage, data }: Pick<ParticipantOptions, 'ticket' | 'storage' | 'data'>,
  trainer: Trainer | null,
): Promise<CheckIn> {
  return {
    type: 'checkIn',
    protocol: PROTOCOL_VERSION,
    ticket,
    deviceSecret: await storage.deviceSecret(() => randomHex(DEVICE_SECRET_BYTES)),
    exampleCount: await data.exampleCount(),
    backend: trainer?.backend.name ?? 'undecided',
  };
}
