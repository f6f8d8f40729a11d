/**
 * Messages as socket.io packets. What a run is takes up to hundreds of kilobytes and is the same for everybody, so it is
 * written out once, however many are admitted. Bytes (a roster, shares) leave as they are, in a frame behind the words:
 * what is the same for everybody is one buffer for all.
 */
import type { CoordinatorMessage, TaskManifest } from '@tributary/fl-core';

/** The frames of one message, in order: words, then its attachments. */
export type Packets = readonly [string, ...Uint8Array[]];

/** As `socket.emit('message', message)` would write it in the default namespace. */
export function packetsOf(message: CoordinatorMessage): Packets {
  if (message.type === 'admitted') return [event(admittedJson(message))];
  const attachments: Uint8Array[] = [];
  const detach = (value: unknown): unknown =>
    value instanceof Uint8Array ? { _placeholder: true, num: attachments.push(value) - 1 } : value;
  const words = Object.entries(message).map(([field, value]) => [field, detach(value)]);
  const json = JSON.stringify(Object.fromEntries(words));
  return attachments.length === 0 ? [event(json)] : [binaryEvent(json, attachments.length), ...attachments];
}

const event = (json: string): string => `2["message",${json}]`;
const binaryEvent = (json: string, attachments: number): string => `5${attachments}-["message",${json}]`;

/** Manifests are never changed, only replaced by another object. */
const written = new WeakMap<TaskManifest, string>();

function admittedJson({ manifest, ...rest }: Extract<CoordinatorMessage, { type: 'admitted' }>): string {
  const json = written.get(manifest) ?? JSON.stringify(manifest);
  written.set(manifest, json);
  return `${JSON.stringify(rest).slice(0, -1)},"manifest":${json}}`;
}
