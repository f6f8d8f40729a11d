/** A saved tfjs layers model from this machine's disk, packed as the coordinator takes it. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import * as z from 'zod/mini';

const shardsSchema = z.object({
  weightsManifest: z.array(z.object({ paths: z.array(z.string()) })),
});

/** @param path a folder with `model.json`, that file under any name, or a zip of both it and its weights */
export async function savedLayers(path: string): Promise<Uint8Array> {
  const isFolder = (await stat(path)).isDirectory();
  const file = isFolder ? join(path, 'model.json') : path;
  const content = await readFile(file);
  if (!file.endsWith('.json')) return content;
  const files: Zippable = { [basename(file)]: content };
  for (const shard of shardsOf(file, content)) files[basename(shard)] = await readFile(besides(file, shard));
  return zipSync(files, { level: 0 });
}

/** A model from elsewhere could name any file of this machine, which would then be sent. */
function besides(file: string, shard: string): string {
  const folder = resolve(dirname(file));
  const place = resolve(folder, shard);
  if (place.startsWith(join(folder, sep))) return place;
  throw new Error(`${file} names a weight file outside its folder: ${shard}`);
}

function shardsOf(file: string, content: Buffer): string[] {
  let document: unknown;
  try {
    document = JSON.parse(content.toString('utf8'));
  } catch (cause) {
    throw new Error(`${file} is not JSON`, { cause });
  }
  const parsed = shardsSchema.safeParse(document);
  if (!parsed.success) throw new Error(`${file} names no weight files: it is not a saved layers model`);
  return parsed.data.weightsManifest.flatMap(({ paths }) => paths);
}
