/** What the demo keeps in the data folder, so that the same devices come back after a restart. */
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';

const recordSchema = z.strictObject({
  /** The device keys of all virtual participants are derived from this. */
  deviceSeed: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  /** Null until it has been measured. */
  soloAccuracy: z.nullable(z.number()),
});
export type DemoRecord = z.infer<typeof recordSchema>;

/** Makes a new one where there is none yet. */
export async function loadDemoRecord(dataDir: string): Promise<DemoRecord> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(fileIn(dataDir), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const record: DemoRecord = { deviceSeed: randomBytes(32).toString('hex'), soloAccuracy: null };
  await saveDemoRecord(dataDir, record);
  return record;
}

export async function saveDemoRecord(dataDir: string, record: DemoRecord): Promise<void> {
  const draft = `${fileIn(dataDir)}.new`;
  await writeFile(draft, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  await rename(draft, fileIn(dataDir));
}

function fileIn(dataDir: string): string {
  return join(dataDir, 'demo.json');
}
