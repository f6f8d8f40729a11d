/** Reads a data file from the folder that the person named, gzipped or not. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { TributaryError } from '@tributary/fl-core';

const decompress = promisify(gunzip);

/**
 * `NAME.gz`, decompressed, or `NAME` itself.
 * @throws TributaryError `data-missing`, saying what to do; `data-invalid` when it does not decompress
 */
export async function readDataFile(folder: string, name: string): Promise<Uint8Array> {
  const compressed = await readIfThere(join(folder, `${name}.gz`));
  if (compressed) {
    try {
      return await decompress(compressed);
    } catch (cause) {
      throw new TributaryError('data-invalid', `${name}.gz is damaged: it does not decompress`, { cause });
    }
  }
  const plain = await readIfThere(join(folder, name));
  if (plain) return plain;
  throw new TributaryError(
    'data-missing',
    `${name}.gz is not in ${folder}. Name the folder that holds it with --data DIR.`,
  );
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
