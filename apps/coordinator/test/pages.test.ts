import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';

const SCRIPT = 'export const streams = "many private streams, one shared model";'.repeat(20);
let folder: string;
let coordinator: Coordinator;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-pages-'));
  const assets = join(folder, 'assets');
  await mkdir(assets);
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(assets, 'app-1a2b.js'), SCRIPT);
  await writeFile(join(assets, 'app-1a2b.js.br'), await promisify(brotliCompress)(SCRIPT));
  await writeFile(join(assets, 'app-1a2b.js.gz'), await promisify(gzip)(SCRIPT));
  coordinator = await startCoordinator({ dataFolder: null, clientFolder: folder, logLevel: 'silent' });
});
afterAll(async () => {
  await coordinator.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the built page', () => {
  it.each(['br', 'gzip', 'identity'])('is sent as the browser takes it: %s', async (encoding) => {
    const response = await fetch(`${coordinator.url}/assets/app-1a2b.js`, {
      headers: { 'accept-encoding': encoding },
    });
    expect(response.headers.get('content-encoding')).toBe(encoding === 'identity' ? null : encoding);
    expect(await response.text()).toBe(SCRIPT);
    // A cache in between must not hand one browser's form to another, and may keep each for ever.
    expect(response.headers.get('vary')).toBe('accept-encoding');
    expect(response.headers.get('cache-control')).toContain('immutable');
  });

  it('has one document for every view, which is asked for anew each time', async () => {
    for (const view of ['/', '/join', '/admin']) {
      const response = await fetch(`${coordinator.url}${view}`);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(await response.text()).toContain('<title>page</title>');
    }
  });
});
