/** The key that signs tickets: 256 random bits in a file that only its owner can read, never in the database. */
import { randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** For a coordinator without a folder: its tickets die with it. */
export const ephemeralSigningKey = (): Uint8Array => randomBytes(32);

export async function loadSigningKey(folder: string): Promise<Uint8Array> {
  const path = join(folder, 'signing.key');
  const existing = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return null;
  });
  if (existing?.length === 32) return existing;
  const key = randomBytes(32);
  const file = await open(path, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(key);
    await file.sync();
  } finally {
    await file.close();
  }
  return key;
}
