/** What it takes to make names in a folder durable: a rename is only once its folder is on disk. */
import { open } from 'node:fs/promises';

/** Syncs a folder for all who ask while an earlier sync is still under way at once. */
export function folderSync(folder: string): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const start = (): Promise<void> => {
    running = syncFolder(folder).finally(() => {
      running = null;
    });
    return running;
  };
  return () => {
    if (!running) return start();
    // The one under way may have begun before the caller's rename.
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null;
        return start();
      });
    return next;
  };
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
