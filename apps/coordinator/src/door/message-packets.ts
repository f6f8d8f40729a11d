/**
 * Messages as socket.io packets. What a run is takes up to hundreds of kilobytes and is the same for everybody, so it is
 * written out once, however many are admitted.
 */
import type { CoordinatorMessage, TaskManifest } from '@tributary/fl-core';

/** A socket.io event (2) in the default namespace, as `socket.emit('message', message)` would write it. */
export function packetOf(message: CoordinatorMessage): string {
  return `2["message",${message.type === 'admitted' ? admittedJson(message) : JSON.stringify(message)}]`;
}

/** Manifests are never changed, only replaced by another object. */
const written = new WeakMap<TaskManifest, string>();

function admittedJson({ manifest, ...rest }: Extract<CoordinatorMessage, { type: 'admitted' }>): string {
  const json = written.get(manifest) ?? JSON.stringify(manifest);
  written.set(manifest, json);
  return `${JSON.stringify(rest).slice(0, -1)},"manifest":${json}}`;
}
