import type { TaskManifest } from '@tributary/fl-core';
import { writeFrame } from '../hashing.ts';
import type { LocalUpdate } from './local-update.ts';

/** The frame of an update that the coordinator may see by itself. */
export async function clearFrame(update: LocalUpdate, manifest: TaskManifest): Promise<Uint8Array> {
  if (manifest.compression.codec === 'float32') return writeFrame(update.modelDelta);
  // Few runs need it.
  const { ringFrame, ringUpdate } = await import('./ring-update.ts');
  return ringFrame(await ringUpdate(update, manifest), manifest);
}
