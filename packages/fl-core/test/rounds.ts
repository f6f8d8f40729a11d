/** Names, plans and effects that the round tests share. */
import type {
  Announcement,
  BlobHash,
  ClientId,
  RoundEffect,
  RoundMessage,
  RoundPlan,
  RunEffect,
} from '@tributary/fl-core';
import { blobHashOf } from '@tributary/fl-core';
import { smallManifest } from './manifests.ts';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

export const MODEL: BlobHash = blobHashOf(bytesOf('model'));

export function clientsNamed(count: number): ClientId[] {
  return Array.from({ length: count }, (_, i) => blobHashOf(bytesOf(`client ${i}`)).slice(0, 32) as ClientId);
}

export function announcementOf(clientId: ClientId, salt = ''): Announcement {
  return {
    exampleCount: 10,
    updateHash: blobHashOf(bytesOf(`update of ${clientId}${salt}`)),
    updateBytes: 100,
  };
}

export function smallPlan(changes: Partial<RoundPlan> = {}): RoundPlan {
  return { ...smallManifest().rounds, ...changes };
}

/** Who is sent messages of this type. */
export function sentTypes(
  effects: readonly (RoundEffect | RunEffect)[],
  type: RoundMessage['type'],
): ClientId[] {
  return effects.flatMap((effect) =>
    effect.type === 'send' && effect.message.type === type ? [effect.to] : [],
  );
}
