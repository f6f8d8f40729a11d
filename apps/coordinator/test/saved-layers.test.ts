/** What leaves this machine when somebody begins a run with a model from a folder. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { savedLayers } from '../src/commands/saved-layers.ts';

let home: string;
let folder: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tributary-layers-'));
  folder = join(home, 'model');
  await mkdir(folder);
  await writeFile(join(folder, 'weights.bin'), 'the weights');
  await writeFile(join(home, 'private.txt'), 'nobody else is to read this');
});
afterAll(() => rm(home, { recursive: true }));

test('a model goes with the weight files that lie beside it', async () => {
  await writeModel(['./weights.bin']);
  const files = unzipSync(await savedLayers(folder));
  expect(Object.keys(files)).toEqual(['model.json', 'weights.bin']);
  expect(strFromU8(files['weights.bin']!)).toBe('the weights');
});

test.each(['../private.txt', 'deeper/../../private.txt', '/etc/hostname'])(
  'a model that names %s as its weights takes no such file along',
  async (path) => {
    await writeModel([path]);
    await expect(savedLayers(folder)).rejects.toThrow('outside its folder');
  },
);

const writeModel = (paths: readonly string[]): Promise<void> =>
  writeFile(
    join(folder, 'model.json'),
    JSON.stringify({ modelTopology: {}, weightsManifest: [{ paths, weights: [] }] }),
  );
